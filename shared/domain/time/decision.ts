import type { Draft } from '../account/draft.ts';
import type { RowKey } from '../account/rows.ts';
import type { Subscription } from '../account/subscription.ts';
import type { DomainError } from '../errors.ts';
import type { Credits } from '../units.ts';
import type { Present } from './present.ts';

/** A use of a feature, counted per UTC day in the same commit as its deduction. */
export interface UsageIncrement {
  readonly feature: string;
  readonly day: string;
  readonly count: number;
  readonly credits: Credits;
}

/**
 * What only Stripe knows. The decision is made again with the answer. `subscription`: its present
 * state; `known` is what the account knew when it asked, and if it knows something else by the time
 * of the answer, that may be newer. `current_subscription`: whether the subscription that the
 * account holds is still live. `money_back`: all Stripe refunds of the payment. `successor`:
 * which other subscription of the customer is live.
 */
export type StripeQuestion =
  | {
      readonly kind: 'subscription';
      readonly stripe_subscription_id: string;
      readonly known: Subscription | null;
    }
  | { readonly kind: 'current_subscription'; readonly known: Subscription }
  | { readonly kind: 'money_back'; readonly payment_id: string }
  | { readonly kind: 'successor'; readonly stripe_customer_id: string };

/** What a decision lacks: a row beside the account, or what only Stripe knows. */
export type Question = RowKey | StripeQuestion;

/** Whether the database has the answer. */
export function isRow(question: Question): question is RowKey {
  return (
    question.kind === 'member' ||
    question.kind === 'refunded' ||
    question.kind === 'payment' ||
    question.kind === 'entry'
  );
}

/** Done: the draft to commit. Refused: why not. Asks: what must be known first. */
export type Decision =
  | { readonly draft: Draft; readonly usage?: UsageIncrement }
  | { readonly refused: DomainError }
  | { readonly asks: Question };

/**
 * A pure decision. Its draft begins with the present's, so what time has done is committed with it.
 */
export type Decide = (present: Present) => Decision;

/** Commits what time has done, and nothing else. */
export const decideNothing: Decide = ({ draft }) => ({ draft });
