import { decideCustomer, decideCustomerDeleted } from '../domain/decide-customer.ts';
import { decidePayment, RefundsUnclear } from '../domain/decide-payment.ts';
import {
  AmbiguousSnapshot,
  decideSubscription,
  OtherSubscriptionLive,
  StaleSnapshot,
  type SubscriptionFacts,
  UnknownSubscription,
} from '../domain/decide-subscription.ts';
import type { Decide } from '../domain/decision.ts';
import { CreditsOutOfRange } from '../domain/errors.ts';
import type { Refund } from '../domain/payment.ts';
import type { Catalog } from '../domain/plan.ts';
import { hasEnded, isLive, type Subscription } from '../domain/subscription.ts';
import type { Instant, Milliseconds } from '../domain/units.ts';
import type { Accounts } from '../store/accounts.ts';
import type { Database } from '../store/database.ts';
import { findStripeEvent, keepStripeEvent, type StripeEventRecord } from '../store/stripe-events.ts';
import { CustomerMismatch, findAccount, forCustomer } from './find-account.ts';
import { fromListedSubscription, withLatestInvoiceLines } from './from-listed-subscription.ts';
import { withDisputedPayment } from './from-stripe-dispute.ts';
import { fromStripeEvent, type Reading, readStripeEvent, type StripeEvent } from './from-stripe-event.ts';
import { fromStripeInvoice, withInvoiceLines } from './from-stripe-invoice.ts';
import { fromStripeRefunds } from './from-stripe-refund.ts';
import { fromStripeSubscription } from './from-stripe-subscription.ts';
import type { StripeGateway } from './gateway.ts';
import {
  type DisputeNews,
  type InvoicePaidCommand,
  type PaymentCommand,
  type Quarantined,
  type QuarantineReason,
  quarantined,
  type StripeCommand,
  type SubscriptionCommand,
} from './stripe-command.ts';

export interface StripeEventParts extends Reading {
  readonly accounts: Accounts;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly stripe: Pick<
    StripeGateway,
    'fetchSubscription' | 'fetchSubscriptionsOf' | 'fetchInvoiceLines' | 'fetchPaymentIntent' | 'fetchRefundsOf'
  >;
  readonly clock: () => Instant;
}

/** Stripe's moments are whole seconds. */
const second_ms: Milliseconds = 1_000;

/** What became of an event; `replayed`: it was handled before, nothing changed. */
export interface HandledEvent {
  readonly event_id: string;
  readonly type: string;
  readonly outcome: StripeEventRecord['outcome'] | 'replayed';
  readonly account_id: string | null;
  readonly reason?: QuarantineReason;
}

/**
 * Applies one of Stripe's events to its account, and records what became of it in the same commit. The usual event costs no call to
 * Stripe; one that cannot be understood by itself costs one. Events may come twice, at once and in any order.
 * Rejects with `StripeUnavailable` and `AccountBusy` (bring it again), and for something that is no event at all.
 */
export async function applyStripeEvent(payload: unknown, parts: StripeEventParts): Promise<HandledEvent> {
  return new EventInHand(payload, parts).apply();
}

class EventInHand {
  readonly #payload: unknown;
  readonly #event: StripeEvent;
  readonly #parts: StripeEventParts;
  /** The customer's other subscription, which takes over when this event's has ended. */
  #successor: SubscriptionFacts | undefined;

  constructor(payload: unknown, parts: StripeEventParts) {
    this.#payload = payload;
    this.#event = readStripeEvent(payload);
    this.#parts = parts;
  }

  async apply(): Promise<HandledEvent> {
    const command = fromStripeEvent(this.#event, this.#parts);
    switch (command.kind) {
      case 'ignored':
        return this.#keep('ignored', null);
      case 'quarantined':
        return this.#quarantine(command.reason, null);
      case 'lines_missing':
        return this.#readLines(command.stripe_invoice_id);
      case 'dispute':
        return this.#readPayment(command);
      case 'refund_failed':
        return this.#readRefunds(command.stripe_payment_intent_id, command.refund);
      default:
        return this.#place(command);
    }
  }

  /** A paid invoice with more lines than an event carries. */
  async #readLines(stripe_invoice_id: string): Promise<HandledEvent> {
    if (await this.#isHandled()) return this.#handled('replayed', null);
    const lines = await this.#parts.stripe.fetchInvoiceLines(stripe_invoice_id);
    const command = fromStripeInvoice(withInvoiceLines(this.#event.data?.object, lines));
    if (command.kind === 'invoice_paid') return this.#place(command);
    return command.kind === 'ignored' ? this.#keep('ignored', null) : this.#quarantine('unreadable', null);
  }

  /** A dispute says nothing of its payment but the id. */
  async #readPayment(news: DisputeNews): Promise<HandledEvent> {
    if (await this.#isHandled()) return this.#handled('replayed', null);
    const payment = await this.#parts.stripe.fetchPaymentIntent(news.stripe_payment_intent_id);
    if (payment === null) return this.#quarantine('payment_not_found', null);
    const command = withDisputedPayment(news, payment);
    if (command.kind === 'payment') return this.#place(command);
    return command.kind === 'ignored' ? this.#keep('ignored', null) : this.#quarantine(command.reason, null);
  }

  /** Where a refund has failed, its charge's sum does not tell what went back: all refunds of the payment do. */
  async #readRefunds(stripe_payment_intent_id: string, failed: Refund | null = null): Promise<HandledEvent> {
    if (await this.#isHandled()) return this.#handled('replayed', null);
    const list = async () =>
      fromStripeRefunds(
        await this.#parts.stripe.fetchRefundsOf(stripe_payment_intent_id),
        failed === null ? [] : [failed],
      );
    let command = await list();
    if (command.kind === 'payment' && failed !== null) {
      // From then on no sum is taken for all refunds, so that one that is heard of while they are listed is not lost.
      await this.#noteFailure(command, failed);
      command = await list();
    }
    if (command.kind === 'payment') return this.#place(command);
    return command.kind === 'ignored' ? this.#keep('ignored', null) : this.#quarantine(command.reason, null);
  }

  async #noteFailure({ subject, news }: PaymentCommand, failed: Refund): Promise<void> {
    const { accounts, database } = this.#parts;
    const account_id = await findAccount(database, subject);
    if (account_id === null || news.kind !== 'refunds') return;
    const noted = { ...news, refunds: [failed], are_all: false };
    const decide = forCustomer(subject, decidePayment(noted));
    try {
      await accounts.transact(account_id, { entry_id: null, fingerprint: null, decide });
    } catch (refusal) {
      // To be placed in quarantine with the rest.
      if (!(refusal instanceof CustomerMismatch)) throw refusal;
    }
  }

  async #place(command: StripeCommand): Promise<HandledEvent> {
    const account_id = await findAccount(this.#parts.database, command.subject);
    if (account_id === null) {
      return isOver(command) ? this.#keep('ignored', null) : this.#quarantine('unknown_customer', null);
    }
    switch (command.kind) {
      case 'checkout_completed':
        return this.#remember(account_id, command.subject);
      case 'customer_deleted':
        return this.#forget(account_id, command.subject);
      case 'payment':
        return this.#pay(account_id, command);
      case 'subscription':
        return hasEnded(command.snapshot)
          ? this.#settleEnd(account_id, command)
          : this.#settle(account_id, command, factsOf(command));
      case 'invoice_paid':
        return this.#settle(account_id, command, factsOf(command));
    }
  }

  /** The account's customer, if none was known. */
  #remember(account_id: string, subject: StripeCommand['subject']): Promise<HandledEvent> {
    return this.#commitFor(account_id, subject, decideCustomer(subject.stripe_customer_id));
  }

  /** Its customer is gone, and its subscription with it. */
  #forget(account_id: string, subject: StripeCommand['subject']): Promise<HandledEvent> {
    return this.#commitFor(account_id, subject, decideCustomerDeleted(subject.stripe_customer_id));
  }

  async #pay(account_id: string, { subject, news }: PaymentCommand): Promise<HandledEvent> {
    try {
      return await this.#commitFor(account_id, subject, decidePayment(news));
    } catch (refusal) {
      if (refusal instanceof RefundsUnclear) return this.#readRefunds(news.payment_id);
      throw refusal;
    }
  }

  async #commitFor(account_id: string, subject: StripeCommand['subject'], decide: Decide): Promise<HandledEvent> {
    try {
      return await this.#commit(account_id, forCustomer(subject, decide));
    } catch (refusal) {
      if (refusal instanceof CustomerMismatch) return this.#quarantine('customer_mismatch', account_id);
      if (refusal instanceof CreditsOutOfRange) return this.#quarantine('credits_out_of_range', account_id);
      throw refusal;
    }
  }

  /**
   * A subscription that has ended. If the customer has bought another one beside it, that could not be placed until now: it takes over
   * in the same commit.
   */
  async #settleEnd(account_id: string, command: SubscriptionCommand): Promise<HandledEvent> {
    const { subscription } = (await this.#parts.accounts.read(account_id)).account;
    const { stripe_subscription_id } = command.snapshot;
    if (subscription?.stripe_subscription_id === stripe_subscription_id && !hasEnded(subscription)) {
      this.#successor = await this.#findSuccessor(command.subject.stripe_customer_id);
    }
    return this.#settle(account_id, command, factsOf(command));
  }

  /** A live subscription of the customer, with what was paid for it. */
  async #findSuccessor(stripe_customer_id: string): Promise<SubscriptionFacts | undefined> {
    const { stripe, prices, catalog } = this.#parts;
    const reading = { prices, catalog, snapshot_at: this.#createdAt() };
    for (const other of await stripe.fetchSubscriptionsOf(stripe_customer_id)) {
      const listed = fromListedSubscription(other, reading);
      if (listed === null || !isLive(listed.facts.snapshot)) continue;
      if (listed.long_invoice_id === null) return listed.facts;
      const lines = await stripe.fetchInvoiceLines(listed.long_invoice_id);
      return fromListedSubscription(withLatestInvoiceLines(other, lines), reading)?.facts;
    }
    return undefined;
  }

  /** Commits what is known of the subscription; where that does not suffice, Stripe is asked, and it is decided again. */
  async #settle(account_id: string, command: SubjectCommand, facts: SubscriptionFacts): Promise<HandledEvent> {
    try {
      return await this.#commit(account_id, this.#decision(command, facts));
    } catch (refusal) {
      if (refusal instanceof StaleSnapshot) return this.#keep('stale', account_id);
      if (refusal instanceof CustomerMismatch) return this.#quarantine('customer_mismatch', account_id);
      if (refusal instanceof AmbiguousSnapshot || refusal instanceof UnknownSubscription) {
        return this.#settleFetched(account_id, command, { ...facts, known_when_asked: refusal.known });
      }
      if (refusal instanceof OtherSubscriptionLive) {
        return this.#settleAfter(refusal.known, account_id, command, facts);
      }
      throw refusal;
    }
  }

  async #settleFetched(account_id: string, command: SubjectCommand, facts: SubscriptionFacts): Promise<HandledEvent> {
    if (await this.#isHandled()) return this.#handled('replayed', account_id);
    const fetched = await this.#fetch(facts.stripe_subscription_id, this.#createdAt());
    if (fetched.kind === 'quarantined') return this.#quarantine(fetched.reason, account_id);
    return this.#settle(account_id, command, { ...facts, ...factsOf(fetched), fetched: true });
  }

  /**
   * The account holds another subscription. When it is no longer live at Stripe, that is committed first: its event is still to come.
   * It happened before this event's subscription began, hence the second before. When both are live, somebody has to choose.
   */
  async #settleAfter(
    known: Subscription,
    account_id: string,
    command: SubjectCommand,
    facts: SubscriptionFacts,
  ): Promise<HandledEvent> {
    if (await this.#isHandled()) return this.#handled('replayed', account_id);
    const other = await this.#fetch(known.stripe_subscription_id, this.#createdAt() - second_ms);
    if (other.kind === 'quarantined' || isLive(other.snapshot)) {
      return facts.snapshot !== undefined && !isLive(facts.snapshot)
        ? this.#keep('stale', account_id)
        : this.#quarantine('other_subscription_live', account_id);
    }
    const end = this.#decision(command, { ...factsOf(other), fetched: true, known_when_asked: known });
    const known_when_asked = await this.#settleOther(account_id, end);
    return this.#settle(account_id, command, facts.fetched ? { ...facts, known_when_asked } : facts);
  }

  /** What the account knows then; null if news of the other were quicker than Stripe's answer: what was asked is asked again. */
  async #settleOther(account_id: string, decide: Decide): Promise<Subscription | null> {
    try {
      const command = { entry_id: null, fingerprint: null, decide };
      return (await this.#parts.accounts.transact(account_id, command)).account.subscription;
    } catch (refusal) {
      if (refusal instanceof AmbiguousSnapshot) return null;
      throw refusal;
    }
  }

  #decision({ subject }: SubjectCommand, facts: SubscriptionFacts): Decide {
    return forCustomer(subject, (present) => {
      const decision = decideSubscription(facts)(present);
      if (this.#successor === undefined || !('draft' in decision)) return decision;
      const next = decideSubscription(this.#successor)({ ...present, draft: decision.draft });
      return 'draft' in next ? next : decision;
    });
  }

  /** The subscription as Stripe has it now. */
  async #fetch(stripe_subscription_id: string, snapshot_at: Instant): Promise<SubscriptionCommand | Quarantined> {
    const fetched = await this.#parts.stripe.fetchSubscription(stripe_subscription_id);
    if (fetched === null) return quarantined('subscription_not_found');
    const { prices, catalog } = this.#parts;
    return fromStripeSubscription(fetched, { prices, catalog, snapshot_at });
  }

  async #commit(account_id: string, decide: Decide): Promise<HandledEvent> {
    const marker = this.#record('applied', account_id);
    const command = { entry_id: null, fingerprint: null, decide, marker };
    const { replayed } = await this.#parts.accounts.transact(account_id, command);
    return this.#handled(replayed ? 'replayed' : 'applied', account_id);
  }

  async #keep(outcome: 'ignored' | 'stale', account_id: string | null): Promise<HandledEvent> {
    const { database, clock } = this.#parts;
    const is_new = await keepStripeEvent(database, this.#record(outcome, account_id), clock());
    return this.#handled(is_new ? outcome : 'replayed', account_id);
  }

  async #quarantine(reason: QuarantineReason, account_id: string | null): Promise<HandledEvent> {
    const { database, clock } = this.#parts;
    const record = { ...this.#record('quarantined', account_id), reason, payload: JSON.stringify(this.#payload) };
    const is_open = await keepStripeEvent(database, record, clock());
    return is_open ? { ...this.#handled('quarantined', account_id), reason } : this.#handled('replayed', account_id);
  }

  /** Asked before a call to Stripe only: a commit finds out by itself. */
  async #isHandled(): Promise<boolean> {
    const record = await findStripeEvent(this.#parts.database, this.#event.id);
    return record !== null && record.outcome !== 'quarantined';
  }

  #record(outcome: StripeEventRecord['outcome'], account_id: string | null): StripeEventRecord {
    const { id, type } = this.#event;
    return { event_id: id, type, created_at: this.#createdAt(), outcome, account_id };
  }

  #handled(outcome: HandledEvent['outcome'], account_id: string | null): HandledEvent {
    const { id, type } = this.#event;
    return { event_id: id, type, outcome, account_id };
  }

  #createdAt(): Instant {
    return this.#event.created ?? this.#parts.clock();
  }
}

/** What is over needs no account: nobody has it, or the account has heard of the end with that of its customer. */
function isOver(command: StripeCommand): boolean {
  return command.kind === 'customer_deleted' || (command.kind === 'subscription' && hasEnded(command.snapshot));
}

type SubjectCommand = SubscriptionCommand | InvoicePaidCommand;

function factsOf(command: SubjectCommand): SubscriptionFacts {
  return command.kind === 'subscription'
    ? { ...idsOf(command), snapshot: command.snapshot, is_foreign: command.is_foreign ?? false }
    : { ...idsOf(command), paid: command.paid };
}

function idsOf(command: SubjectCommand) {
  return {
    stripe_customer_id: command.subject.stripe_customer_id,
    stripe_subscription_id:
      command.kind === 'subscription' ? command.snapshot.stripe_subscription_id : command.stripe_subscription_id,
  };
}
