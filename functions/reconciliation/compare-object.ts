import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../../shared/domain/account/account.ts';
import { isLive, type Subscription } from '../../shared/domain/account/subscription.ts';
import { decidePayment, type PaymentNews } from '../../shared/domain/billing/decide-payment.ts';
import { decideSubscription } from '../../shared/domain/billing/decide-subscription.ts';
import type { Decision } from '../../shared/domain/time/decision.ts';
import type { Instant } from '../../shared/domain/units.ts';
import type { Drift } from '../../shared/store/reconciliation.ts';
import type { StripeEventDeps } from '../../shared/stripe/apply-stripe-event.ts';
import { findAccount, forCustomer } from '../../shared/stripe/find-account.ts';
import { fromListedSubscription } from '../../shared/stripe/from-listed-subscription.ts';
import { fromStripeCharge } from '../../shared/stripe/from-stripe-charge.ts';
import { fromStripeCheckoutSession } from '../../shared/stripe/from-stripe-checkout-session.ts';
import { fromStripeDispute, withDisputedPayment } from '../../shared/stripe/from-stripe-dispute.ts';
import { fromStripeRefund, fromStripeRefunds } from '../../shared/stripe/from-stripe-refund.ts';
import { ignored, type PaymentCommand } from '../../shared/stripe/stripe-command.ts';
import type { StripeList } from '../../shared/stripe/stripe-list.ts';

/** News that Stripe never told, or that got lost: what its event would have been about. */
export interface News {
  readonly event_id: string;
  readonly type: string;
  readonly object: unknown;
}

/** What an object says that its account does not know, and the news that tell it. */
export interface Found {
  readonly drift: Drift;
  readonly news: readonly News[];
}

export type CompareDeps = Pick<StripeEventDeps, 'accounts' | 'database' | 'catalog' | 'prices'>;

/** Compares an object of Stripe's with its account, as of `read_at`; null when the account knows it all, or it is nobody's here. */
export async function compareObject(
  list: Exclude<StripeList, 'events'>,
  object: unknown,
  run: { readonly run_id: string; readonly read_at: Instant },
  deps: CompareDeps,
): Promise<Found | null> {
  switch (list) {
    case 'subscriptions':
      return compareSubscription(object, run, deps);
    case 'checkout_sessions':
      return comparePayment(fromStripeCheckoutSession(object), 'checkout.session.completed', object, deps);
    case 'refunds':
      return compareRefund(object, deps);
    case 'disputes': {
      const news = fromStripeDispute(object);
      if (news.kind !== 'dispute') return null;
      const command = withDisputedPayment(news, fieldOf(object, 'payment_intent'));
      return comparePayment(command, 'charge.dispute.closed', object, deps);
    }
  }
}

/** By the decision that the worker would make: what it would change is what the account does not know. */
async function compareSubscription(
  object: unknown,
  { run_id, read_at }: { run_id: string; read_at: Instant },
  { accounts, database, catalog, prices }: CompareDeps,
): Promise<Found | null> {
  const listed = fromListedSubscription(object, { prices, catalog, snapshot_at: read_at });
  if (listed === null) return null;
  const { facts, subject, paid_invoice, long_invoice_id } = listed;
  const object_id = facts.stripe_subscription_id;
  const newsNamed = (name: string): News[] => [
    { event_id: `reconciliation_${object_id}_${name}`, type: 'customer.subscription.updated', object },
    ...(paid_invoice === null
      ? []
      : [{ event_id: `reconciliation_${object_id}_${name}_paid`, type: 'invoice.paid', object: paid_invoice }]),
  ];
  const account_id = await findAccount(database, subject);
  if (account_id === null) {
    return isLive(facts.snapshot)
      ? { drift: { object_id, account_id, what: 'unknown_customer' }, news: newsNamed('nobodys') }
      : null;
  }
  // Not as an answer of Stripe's of this moment: the account may have heard something since the page was read.
  const decide = forCustomer(subject, decideSubscription({ ...facts, fetched: false, read_together: true }));
  const { account, decision } = await accounts.preview(account_id, decide);
  const current = account.subscription?.stripe_subscription_id;
  // Of those that it does not hold, an account lacks only one that is live.
  if (current !== object_id && !isLive(facts.snapshot)) return null;
  // What somebody has to decide is told once, under an id that says what it is about.
  if (isOfAnother(decision)) {
    const beside = `beside_${account.stripe_customer_id}`;
    return { drift: { object_id, account_id, what: 'customer_mismatch' }, news: newsNamed(beside) };
  }
  if ('asks' in decision && decision.asks.kind === 'current_subscription') {
    return { drift: { object_id, account_id, what: 'second_subscription' }, news: newsNamed(`beside_${current}`) };
  }
  if (!('draft' in decision)) return null;
  const is_known = isDeepStrictEqual(stateOf(account), stateOf(decision.draft.account));
  const drift = { object_id, account_id, what: 'subscription' } as const;
  if (!is_known) return { drift, news: newsNamed(run_id) };
  // The worker reads the lines that are not listed: once per invoice, and only where they may tell something.
  const { paid = null } = account.subscription ?? {};
  const is_paid = paid !== null && paid.through >= facts.snapshot.current_period_end;
  return long_invoice_id === null || is_paid ? null : { drift, news: newsNamed(long_invoice_id) };
}

/** What is known of the subscription, whenever it was heard of. */
function stateOf({ subscription }: Account): Omit<Subscription, 'snapshot_at'> | null {
  if (subscription === null) return null;
  const { snapshot_at: _, ...state } = subscription;
  return state;
}

/** By the sum that its charge has, as long as that tells what went back; else by itself. */
async function compareRefund(refund: unknown, deps: CompareDeps): Promise<Found | null> {
  const by_itself = fromStripeRefunds([refund]);
  if (fromStripeRefund(refund).kind === 'refund_failed') {
    return comparePayment(by_itself, 'refund.failed', refund, deps);
  }
  const charge = fieldOf(refund, 'charge');
  return comparePayment(fromStripeCharge(charge), 'charge.refunded', charge, deps, by_itself);
}

/** By the decision that the worker would make; by another command where that one asks for all refunds of the payment. */
async function comparePayment(
  command: PaymentCommand | { readonly kind: string },
  type: string,
  object: unknown,
  deps: CompareDeps,
  if_asked: PaymentCommand | { readonly kind: string } = ignored,
): Promise<Found | null> {
  if (!isPayment(command)) return null;
  const { accounts, database } = deps;
  const { subject, news } = command;
  const event_id = `reconciliation_${nameOf(news).replaceAll(':', '_')}`;
  const found = (account_id: string | null, what: Drift['what']): Found => ({
    drift: { object_id: news.payment_id, account_id, what },
    news: [{ event_id, type, object }],
  });
  const account_id = await findAccount(database, subject);
  if (account_id === null) return found(null, 'unknown_customer');
  const { account, decision } = await accounts.preview(account_id, forCustomer(subject, decidePayment(news)));
  if (isOfAnother(decision)) return found(account_id, 'customer_mismatch');
  if ('asks' in decision) return comparePayment(if_asked, type, object, deps);
  if (!('draft' in decision)) return found(account_id, whatOf(news));
  const is_known = isDeepStrictEqual(account.rows.payments, decision.draft.account.rows.payments);
  return is_known ? null : found(account_id, whatOf(news));
}

/** Whether the account has another customer than the object. */
function isOfAnother(decision: Decision): boolean {
  return 'refused' in decision && decision.refused.code === 'customer_mismatch';
}

function whatOf({ kind }: PaymentNews): Drift['what'] {
  return kind === 'money_back_sum' || kind === 'money_back_list' ? 'money_back' : kind;
}

/** What the news are about: the same news have the same name. */
function nameOf(news: PaymentNews): string {
  if (news.kind === 'purchase') return news.payment_id;
  if (news.kind !== 'money_back_list') return news.cause;
  return news.money_back.map(({ id, has_failed }) => (has_failed ? `${id}:failed` : id)).join(':');
}

function isPayment(command: PaymentCommand | { readonly kind: string }): command is PaymentCommand {
  return command.kind === 'payment';
}

function fieldOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null && name in object ? Reflect.get(object, name) : undefined;
}
