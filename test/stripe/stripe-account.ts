import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { decideCustomer } from '../../shared/domain/billing/decide-customer.ts';
import type { Database } from '../../shared/store/database.ts';
import { applyStripeEvent, type StripeEventDeps } from '../../shared/stripe/apply-stripe-event.ts';
import type { StripeGateway } from '../../shared/stripe/gateway.ts';
import { catalog, newAccounts, test_now } from '../engines/engines.ts';
import {
  bought_s,
  eventObject,
  invoiceObject,
  lineObject,
  prices,
  renewed_s,
  subscriptionObject,
} from './stripe-objects.ts';

const listed_fields = z.object({ customer: z.string().optional(), status: z.string() });

/** What Stripe would answer, and what it was asked. */
export class StubStripe
  implements
    Pick<
      StripeGateway,
      'fetchSubscription' | 'fetchSubscriptionsOf' | 'fetchInvoiceLines' | 'fetchPaymentIntent' | 'fetchRefundsOf'
    >
{
  readonly subscriptions = new Map<string, unknown>();
  readonly payments = new Map<string, unknown>();
  readonly refunds = new Map<string, readonly unknown[]>();
  readonly lines = new Map<string, readonly unknown[]>();
  readonly asked: string[] = [];

  async fetchSubscription(id: string): Promise<unknown> {
    this.asked.push(id);
    return this.subscriptions.get(id) ?? null;
  }

  async fetchSubscriptionsOf(customer: string): Promise<readonly unknown[]> {
    this.asked.push(customer);
    return [...this.subscriptions.values()].filter(
      (subscription) =>
        listed_fields.parse(subscription).customer === customer &&
        listed_fields.parse(subscription).status !== 'canceled',
    );
  }

  async fetchPaymentIntent(id: string): Promise<unknown> {
    this.asked.push(id);
    return this.payments.get(id) ?? null;
  }

  async fetchRefundsOf(id: string): Promise<readonly unknown[]> {
    this.asked.push(id);
    return this.refunds.get(id) ?? [];
  }

  async fetchInvoiceLines(id: string): Promise<readonly unknown[]> {
    this.asked.push(id);
    return this.lines.get(id) ?? [];
  }
}

/** A worker as one process has it: its own queue of commands. */
export function workerDeps(database: Database, stripe: StripeEventDeps['stripe']): StripeEventDeps {
  const accounts = newAccounts(database, { deadline_ms: 60_000 });
  return { accounts, database, catalog, prices, stripe, is_production: false, clock: () => test_now };
}

/** One account that no other test knows, its customer and its subscription. */
export class StripeAccount {
  readonly account_id = `acct_${randomUUID()}`;
  readonly customer = `cus_${randomUUID()}`;
  readonly subscription = `sub_${randomUUID()}`;
  readonly metadata = { account_id: this.account_id };
  readonly stripe = new StubStripe();
  readonly deps: StripeEventDeps;

  constructor(database: Database) {
    this.deps = workerDeps(database, this.stripe);
  }

  /** One that has bought the plan of this price, and has paid. */
  static async bought(database: Database, lookup_key?: string): Promise<StripeAccount> {
    const stripe = new StripeAccount(database);
    await stripe.apply(eventObject('customer.subscription.created', stripe.subscriptionObject({}, lookup_key)));
    await stripe.apply(eventObject('invoice.paid', stripe.invoiceObject()));
    return stripe;
  }

  /** Makes the customer the account's, unless it has one. */
  async remember(customer: string): Promise<void> {
    const decide = decideCustomer(customer);
    await this.deps.accounts.transact(this.account_id, { entry_id: null, fingerprint: null, decide });
  }

  subscriptionObject(changes: Parameters<typeof subscriptionObject>[0] = {}, lookup_key?: string | null) {
    const { account_id, customer, subscription } = this;
    return subscriptionObject({ id: subscription, customer, metadata: { account_id }, ...changes }, lookup_key);
  }

  invoiceObject(subscription = this.subscription, end_s = renewed_s, start_s = bought_s) {
    const { account_id, customer } = this;
    const line = lineObject(end_s, {
      period: { start: start_s, end: end_s },
      parent: { subscription_item_details: { subscription, subscription_item: 'si_1', proration: false } },
    });
    return invoiceObject({
      customer,
      parent: { subscription_details: { subscription, metadata: { account_id } } },
      lines: { has_more: false, data: [line] },
    });
  }

  apply(event: unknown, deps = this.deps) {
    return applyStripeEvent(event, deps);
  }

  async read() {
    const { account } = await this.deps.accounts.read(this.account_id);
    return account;
  }

  async credits() {
    const { plan, available_credits } = balanceAt(await this.read(), catalog, test_now);
    return { plan, available_credits };
  }
}
