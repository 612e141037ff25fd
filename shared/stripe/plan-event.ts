import type { MoneyBack } from '../domain/account/payment.ts';
import { hasEnded, isLive, type Subscription } from '../domain/account/subscription.ts';
import { decideCustomer, decideCustomerDeleted } from '../domain/billing/decide-customer.ts';
import { decidePayment } from '../domain/billing/decide-payment.ts';
import { decideSubscription, type SubscriptionFacts } from '../domain/billing/decide-subscription.ts';
import type { Decide, StripeQuestion } from '../domain/time/decision.ts';
import type { Instant, Milliseconds } from '../domain/units.ts';
import { forCustomer } from './find-account.ts';
import { withDisputedPayment } from './from-stripe-dispute.ts';
import { fromStripeEvent, type Reading, type StripeEvent } from './from-stripe-event.ts';
import { fromStripeInvoice, withInvoiceLines } from './from-stripe-invoice.ts';
import { fromStripeRefunds } from './from-stripe-refund.ts';
import { fromStripeSubscription } from './from-stripe-subscription.ts';
import {
  type Ignored,
  type InvoicePaidCommand,
  type PaymentCommand,
  type Quarantined,
  quarantined,
  type StripeCommand,
  type Subject,
  type SubscriptionCommand,
} from './stripe-command.ts';

/** What the event alone does not say: the rest of an invoice, or the payment that a dispute is about. */
export type EventQuestion =
  | StripeQuestion
  | { readonly kind: 'invoice_lines'; readonly stripe_invoice_id: string }
  | { readonly kind: 'payment_intent'; readonly stripe_payment_intent_id: string };

/** What Stripe has answered about the event so far. */
export interface Answers {
  readonly lines?: readonly unknown[];
  /** Null: Stripe knows no such payment. */
  readonly payment?: unknown;
  readonly refunds?: readonly unknown[];
  /** The event's refund is noted as failed. From then on no sum of refunds is taken for all of them. */
  readonly failure_is_noted?: true;
  /** The event's subscription, and what the account knew when Stripe was asked. */
  readonly subscription?: { readonly object: unknown; readonly known: Subscription | null };
  /** Another subscription, which is the account's. */
  readonly current?: { readonly object: unknown; readonly known: Subscription };
  /** The customer's other subscription, which takes over when the event's has ended; null if there is none. */
  readonly successor?: SubscriptionFacts | null;
}

/** What comes next for an event. */
export type Plan =
  | Ignored
  | Quarantined
  | { readonly kind: 'stale' }
  | { readonly kind: 'asks'; readonly question: EventQuestion }
  | PlannedDecision;

export interface PlannedDecision {
  readonly kind: 'decides';
  readonly subject: Subject;
  readonly decide: Decide;
  /** It needs no account: what is over is nobody's, or the account has heard of it. */
  readonly is_over: boolean;
  /** It comes before what the event asks for, in a commit of its own. */
  readonly first?: 'current_subscription_ended' | 'refund_failed';
}

/** Stripe's moments are whole seconds. */
const second_ms: Milliseconds = 1_000;

/** How the event is read, and when Stripe made it. */
export interface PlanReading extends Reading {
  readonly created_at: Instant;
}

/**
 * What comes next for the event after these answers. It is planned anew with each answer, so it depends on nothing else.
 */
export function planEvent(event: StripeEvent, reading: PlanReading, answers: Answers): Plan {
  const command = readCommand(event, reading, answers);
  switch (command.kind) {
    case 'ignored':
    case 'quarantined':
    case 'asks':
    case 'decides':
      return command;
    case 'checkout_completed':
      return planned(command.subject, decideCustomer(command.subject.stripe_customer_id));
    case 'customer_deleted':
      return planned(command.subject, decideCustomerDeleted(command.subject.stripe_customer_id), true);
    case 'payment':
      return planned(command.subject, decidePayment(command.news));
    case 'subscription':
    case 'invoice_paid':
      return planSubscription(command, reading, answers);
  }
}

function planned(subject: Subject, decide: Decide, is_over = false): PlannedDecision {
  return { kind: 'decides', subject, decide: forCustomer(subject, decide), is_over };
}

/** What the event asks for, read together with what Stripe has answered. */
function readCommand(
  event: StripeEvent,
  reading: Reading,
  answers: Answers,
): Exclude<Plan, { kind: 'stale' }> | StripeCommand {
  const { lines, payment, refunds } = answers;
  const command = fromStripeEvent(event, reading);
  switch (command.kind) {
    case 'lines_missing': {
      const { stripe_invoice_id } = command;
      if (lines === undefined) return { kind: 'asks', question: { kind: 'invoice_lines', stripe_invoice_id } };
      const whole = fromStripeInvoice(withInvoiceLines(event.data?.object, lines));
      return whole.kind === 'lines_missing' ? quarantined('unreadable') : whole;
    }
    case 'dispute': {
      const { stripe_payment_intent_id } = command;
      if (payment === undefined)
        return { kind: 'asks', question: { kind: 'payment_intent', stripe_payment_intent_id } };
      return payment === null ? quarantined('payment_not_found') : withDisputedPayment(command, payment);
    }
    case 'refund_failed': {
      const { stripe_payment_intent_id: payment_id, money_back } = command;
      if (refunds === undefined) return { kind: 'asks', question: { kind: 'money_back', payment_id } };
      const listed = fromStripeRefunds(refunds, [money_back]);
      if (listed.kind !== 'payment' || answers.failure_is_noted) return listed;
      return notesFailure(listed, money_back);
    }
    case 'payment':
      return refunds === undefined ? command : fromStripeRefunds(refunds);
    default:
      return command;
  }
}

/** Noted before all refunds are listed once more: one that is heard of while they are listed is not lost then. */
function notesFailure({ subject, news }: PaymentCommand, failed: MoneyBack): PlannedDecision | PaymentCommand {
  if (news.kind !== 'money_back_list') return { kind: 'payment', subject, news };
  const noted = decidePayment({ ...news, money_back: [failed], are_all: false });
  return { ...planned(subject, noted), first: 'refund_failed' };
}

type SubjectCommand = SubscriptionCommand | InvoicePaidCommand;

function planSubscription(command: SubjectCommand, reading: PlanReading, answers: Answers): Plan {
  const { subject } = command;
  const known = withAnswer(factsOf(command), reading, answers);
  if (known.kind === 'quarantined') return known;
  const { facts } = known;
  if (answers.current !== undefined) return planAfterCurrent(subject, facts, answers.current, reading);
  const ends = command.kind === 'subscription' && hasEnded(command.snapshot);
  const decide = ends ? decideEnd(facts, answers.successor) : decideSubscription(facts);
  return planned(subject, decide, ends);
}

/** The facts with the subscription as Stripe has it now, if it was asked. */
function withAnswer(
  facts: SubscriptionFacts,
  reading: PlanReading,
  { subscription: answer }: Answers,
): Quarantined | { readonly kind: 'known'; readonly facts: SubscriptionFacts } {
  if (answer === undefined) return { kind: 'known', facts };
  const fetched = fromAnswer(answer.object, { ...reading, snapshot_at: reading.created_at });
  if (fetched.kind === 'quarantined') return fetched;
  return {
    kind: 'known',
    facts: { ...facts, ...factsOf(fetched), fetched: true, known_when_asked: answer.known },
  };
}

/**
 * The account holds another subscription. If it is no longer live at Stripe, that is committed first: its event is still to come.
 * It happened before this event's subscription began, hence the second before. When both are live, somebody has to choose.
 */
function planAfterCurrent(
  subject: Subject,
  { snapshot }: SubscriptionFacts,
  { object, known }: NonNullable<Answers['current']>,
  reading: PlanReading,
): Plan {
  const other = fromAnswer(object, { ...reading, snapshot_at: reading.created_at - second_ms });
  if (other.kind === 'quarantined' || isLive(other.snapshot)) {
    return snapshot !== undefined && !isLive(snapshot) ? { kind: 'stale' } : quarantined('other_subscription_live');
  }
  const end = decideSubscription({ ...factsOf(other), fetched: true, known_when_asked: known });
  return { ...planned(subject, end), first: 'current_subscription_ended' };
}

/**
 * A subscription that has ended. If the customer has bought another one beside it, that could not be placed until now: it takes
 * over in the same commit.
 */
function decideEnd(facts: SubscriptionFacts, successor: Answers['successor']): Decide {
  return (present) => {
    const { subscription } = present.draft.account;
    const ends = subscription?.stripe_subscription_id === facts.stripe_subscription_id && !hasEnded(subscription);
    if (ends && successor === undefined) {
      return { asks: { kind: 'successor', stripe_customer_id: facts.stripe_customer_id } };
    }
    const decision = decideSubscription(facts)(present);
    if (!successor || !('draft' in decision)) return decision;
    const next = decideSubscription(successor)({ ...present, draft: decision.draft });
    return 'draft' in next ? next : decision;
  };
}

/** A subscription as Stripe has answered it; null when Stripe knows none of this id. */
function fromAnswer(object: unknown, reading: Reading & { snapshot_at: Instant }): SubscriptionCommand | Quarantined {
  return object === null ? quarantined('subscription_not_found') : fromStripeSubscription(object, reading);
}

function factsOf(command: SubjectCommand): SubscriptionFacts {
  const { stripe_customer_id } = command.subject;
  if (command.kind === 'invoice_paid') {
    return { stripe_customer_id, stripe_subscription_id: command.stripe_subscription_id, paid: command.paid };
  }
  const { snapshot, is_foreign = false } = command;
  return { stripe_customer_id, stripe_subscription_id: snapshot.stripe_subscription_id, snapshot, is_foreign };
}
