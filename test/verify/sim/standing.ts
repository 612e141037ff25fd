import type { World } from '@billing-credits/stripe-fake/in-process';
import type Stripe from 'stripe';
import { type Account, planInEffect } from '../../../shared/domain/account/account.ts';
import type { Catalog } from '../../../shared/domain/plan.ts';
import { Violation } from './audited.ts';
import type { Auditor } from './auditor.ts';

const live_statuses = ['active', 'trialing', 'past_due'];

/**
 * I7, when all is told: what every account is and has bought follows from Stripe's latest objects.
 * A customer who has two live subscriptions is a seller's case: either may be the one.
 */
export function checkStandings(auditor: Auditor, world: World): void {
  for (const [account_id, { account, payments }] of auditor.accounts) {
    if (account === null) continue;
    checkSubscription(account, auditor.catalog, world);
    checkPurchases(account_id, auditor, world, payments);
  }
}

function checkSubscription(account: Account, catalog: Catalog, { store }: World): void {
  const { account_id, subscription: held } = account;
  const wrong = (what: string) => new Violation('I7', `${account_id}: ${what}`);
  const own = store.subscriptions.list(({ metadata }) => metadata.account_id === account_id);
  const live = own.filter(({ status }) => live_statuses.includes(status));
  const paid_ids = new Set(own.filter((one) => wasPaid(store, one)).map(({ id }) => id));
  const plan = planInEffect(account, catalog).id;
  if (live.length === 0) {
    if (plan !== 'free') throw wrong(`has ${plan} and no live subscription`);
    if (held !== null && live_statuses.includes(held.status))
      throw wrong(`holds ${held.stripe_subscription_id}, ${held.status}`);
    return;
  }
  const at_stripe = live.find(({ id }) => id === held?.stripe_subscription_id);
  if (at_stripe === undefined || held === null) {
    throw wrong(`holds ${held?.stripe_subscription_id}, live are ${live.map(({ id }) => id).join(', ')}`);
  }
  const [item] = at_stripe.items.data;
  // One that takes over from another is known by its latest invoice: while that is open, it counts
  // as unpaid.
  const may_be_unpaid = own.length > 1 && held.paid === null && !isLatestPaid(store, at_stripe);
  const expected = {
    plan: String(item?.price.metadata.plan),
    status: at_stripe.status,
    current_period_end: (item?.current_period_end ?? 0) * 1_000,
    cancel_at_period_end: at_stripe.cancel_at_period_end || at_stripe.cancel_at !== null,
    is_paid: paid_ids.has(at_stripe.id) && !may_be_unpaid,
  };
  const { status, current_period_end, cancel_at_period_end, paid } = held;
  const actual = { plan: held.plan, status, current_period_end, cancel_at_period_end, is_paid: paid !== null };
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw wrong(`is ${JSON.stringify(actual)}, at Stripe ${JSON.stringify(expected)}`);
  }
  if (plan !== (expected.is_paid ? expected.plan : 'free')) throw wrong(`has ${plan}, not ${expected.plan}`);
}

function wasPaid({ invoices }: World['store'], { id }: Stripe.Subscription): boolean {
  return (
    invoices.list(({ status, parent }) => status === 'paid' && parent?.subscription_details?.subscription === id)
      .length > 0
  );
}

function isLatestPaid({ invoices }: World['store'], { latest_invoice }: Stripe.Subscription): boolean {
  return typeof latest_invoice === 'string' && invoices.get(latest_invoice)?.status === 'paid';
}

/** Each paid pack once, and called back what its money is back for. */
function checkPurchases(
  account_id: string,
  auditor: Auditor,
  { store }: World,
  payments: ReadonlyMap<string, { readonly called_back_credits: number }>,
): void {
  const sold = store.checkout_sessions.list(
    ({ mode, metadata, payment_status }) =>
      mode === 'payment' && metadata?.account_id === account_id && payment_status === 'paid',
  );
  const { entries } = auditor.of(account_id);
  const bought = [...entries.values()].filter(({ transaction_type }) => transaction_type === 'purchase');
  if (bought.length !== sold.length) {
    throw new Violation('I7', `${account_id} has ${bought.length} purchases, at Stripe ${sold.length} are paid`);
  }
  for (const { payment_intent, metadata } of sold) {
    const id = typeof payment_intent === 'string' ? payment_intent : '';
    const credits = Number(metadata?.credits);
    const entry = entries.get(`purchase:${id}`);
    if (entry?.amount !== credits)
      throw new Violation('I7', `purchase:${id} brought ${entry?.amount}, paid were ${credits}`);
    const charge = store.charges.list((one) => one.payment_intent === id && one.paid)[0];
    if (charge === undefined) throw new Violation('I7', `${id} has no charge`);
    const gone = store.disputes
      .list((one) => one.payment_intent === id)
      .reduce((sum, one) => sum + withdrawnBy(one), 0);
    const returned = Math.min(charge.amount, charge.amount_refunded + gone);
    const expected = Math.floor((credits * returned) / charge.amount);
    const actual = payments.get(id)?.called_back_credits ?? 0;
    if (actual !== expected)
      throw new Violation('I7', `of ${id} ${actual} are called back, not ${expected} of ${credits}`);
  }
}

function withdrawnBy({ balance_transactions }: Stripe.Dispute): number {
  return Math.max(0, -balance_transactions.reduce((sum, { amount }) => sum + amount, 0));
}
