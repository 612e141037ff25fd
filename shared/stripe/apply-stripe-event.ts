import { DomainError } from '../domain/errors.ts';
import type { Catalog } from '../domain/plan.ts';
import type { Instant } from '../domain/units.ts';
import type { Accounts, Asked, Outcome } from '../store/accounts.ts';
import type { Database } from '../store/database.ts';
import { findStripeEvent, keepStripeEvent, type StripeEventRecord } from '../store/stripe-events.ts';
import { askStripe, type StripeAnswers } from './ask-stripe.ts';
import { findAccount } from './find-account.ts';
import { type Reading, readStripeEvent, type StripeEvent } from './from-stripe-event.ts';
import { type Answers, type PlannedDecision, planEvent } from './plan-event.ts';
import { ignored, type Quarantined, type QuarantineReason, quarantined } from './stripe-command.ts';

export interface StripeEventDeps extends Reading {
  readonly accounts: Accounts;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly stripe: StripeAnswers;
  readonly clock: () => Instant;
}

/** What became of an event; `replayed`: it was handled before, nothing changed. */
export interface HandledEvent {
  readonly event_id: string;
  readonly type: string;
  readonly outcome: StripeEventRecord['outcome'] | 'replayed';
  readonly account_id: string | null;
  readonly reason?: QuarantineReason;
}

/**
 * Applies one of Stripe's events to its account, and records the outcome in the same commit. Asks
 * Stripe only if the event and the account do not tell enough, and never inside a transaction.
 * Events may come twice, at once and in any order. Rejects with `StripeUnavailable` and
 * `AccountBusy` (bring the event again), and for something that is no event.
 */
export async function applyStripeEvent(payload: unknown, deps: StripeEventDeps): Promise<HandledEvent> {
  const event = readStripeEvent(payload);
  const reading = { ...deps, created_at: event.created ?? deps.clock() };
  const records = new EventRecords(payload, event, reading);
  let account_id: string | null = null;
  let answers: Answers = {};
  for (;;) {
    const plan = planEvent(event, reading, answers);
    if (plan.kind !== 'asks' && plan.kind !== 'decides') return records.keep(plan, account_id);
    let question = plan.kind === 'asks' ? plan.question : null;
    if (plan.kind === 'decides') {
      account_id = await findAccount(deps.database, plan.subject);
      if (account_id === null) return records.keep(plan.is_over ? ignored : quarantined('unknown_customer'), null);
      const decided = await decide(account_id, plan, deps.accounts, records);
      if ('kind' in decided) return records.keep(decided, account_id);
      if (plan.first !== undefined) {
        answers = afterFirst(plan.first, answers, decided);
        continue;
      }
      if (!('question' in decided)) return records.handled(decided.replayed ? 'replayed' : 'applied', account_id);
      ({ question } = decided);
    }
    // A commit finds out by itself whether the event was handled; before a call to Stripe it is
    // looked up.
    if (await records.isHandled()) return records.handled('replayed', account_id);
    if (question !== null) answers = await askStripe(deps.stripe, question, answers, reading);
  }
}

/** How an event is kept that changes no account. */
type Kept = Quarantined | { readonly kind: 'ignored' | 'stale' };

/** Commits the decision. A refusal tells how the event is kept. */
async function decide(
  account_id: string,
  { decide, first }: PlannedDecision,
  accounts: Accounts,
  records: EventRecords,
): Promise<Outcome | Asked | Kept> {
  const marker = first === undefined ? { marker: records.record('applied', account_id) } : {};
  try {
    return await accounts.attempt(account_id, { entry_id: null, fingerprint: null, decide, ...marker });
  } catch (refusal) {
    const code = refusal instanceof DomainError ? refusal.code : null;
    if (code === 'stale_snapshot') return { kind: 'stale' };
    if (code === 'customer_mismatch' || code === 'credits_out_of_range') return quarantined(code);
    throw refusal;
  }
}

/** The answers that still stand after what was committed first. */
function afterFirst(first: NonNullable<PlannedDecision['first']>, answers: Answers, decided: Outcome | Asked): Answers {
  if (first === 'refund_failed') {
    const { refunds: _, ...others } = answers;
    return { ...others, failure_is_noted: true };
  }
  const { current: _, subscription, ...others } = answers;
  if (subscription === undefined) return others;
  // If news of the current subscription were quicker than Stripe's answer, nothing known fits: ask
  // again.
  const known = 'question' in decided ? null : decided.account.subscription;
  return { ...others, subscription: { ...subscription, known } };
}

/** The records of one event. */
class EventRecords {
  readonly #payload: unknown;
  readonly #event: StripeEvent;
  readonly #deps: Pick<StripeEventDeps, 'database' | 'clock'> & { readonly created_at: Instant };

  constructor(payload: unknown, event: StripeEvent, deps: StripeEventDeps & { created_at: Instant }) {
    this.#payload = payload;
    this.#event = event;
    this.#deps = deps;
  }

  async keep(kept: Kept, account_id: string | null): Promise<HandledEvent> {
    const { database, clock } = this.#deps;
    const reason = kept.kind === 'quarantined' ? { reason: kept.reason } : {};
    const payload = kept.kind === 'quarantined' ? { payload: JSON.stringify(this.#payload) } : {};
    const record = { ...this.record(kept.kind, account_id), ...reason, ...payload };
    const is_new = await keepStripeEvent(database, record, clock());
    return is_new ? { ...this.handled(kept.kind, account_id), ...reason } : this.handled('replayed', account_id);
  }

  async isHandled(): Promise<boolean> {
    const record = await findStripeEvent(this.#deps.database, this.#event.id);
    return record !== null && record.outcome !== 'quarantined';
  }

  record(outcome: StripeEventRecord['outcome'], account_id: string | null): StripeEventRecord {
    const { id, type } = this.#event;
    return { event_id: id, type, created_at: this.#deps.created_at, outcome, account_id };
  }

  handled(outcome: HandledEvent['outcome'], account_id: string | null): HandledEvent {
    const { id, type } = this.#event;
    return { event_id: id, type, outcome, account_id };
  }
}
