import { expect, test } from 'vitest';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { catalog, describeOnEngine, newAccounts, test_now } from '../engines/engines.ts';
import { deductCommand } from '../store/commands.ts';
import { soundAccount } from '../store/sound.ts';
import { StripeAccount } from './stripe-account.ts';
import { bought_s, eventObject } from './stripe-objects.ts';

const deductions = 90;
const credits_each = 20;

describeOnEngine('deductions that race', (database) => {
  async function subscribed(lookup_key: string): Promise<StripeAccount> {
    const stripe = new StripeAccount(database);
    await stripe.apply(eventObject('customer.subscription.created', stripe.subscriptionObject({}, lookup_key)));
    await stripe.apply(eventObject('invoice.paid', stripe.invoiceObject()));
    return stripe;
  }

  /** From two processes, while the event is applied by a third. How many were taken; every other was refused for lack of credits. */
  async function race(stripe: StripeAccount, event: unknown): Promise<number> {
    const spenders = [1, 2].map(() => newAccounts(database, { deadline_ms: 60_000 }));
    const spend = spenders.flatMap((accounts, process) =>
      Array.from({ length: deductions / 2 }, (_, n) =>
        accounts.transact(stripe.account_id, deductCommand(`${process}.${n}`, credits_each)),
      ),
    );
    const [results, applied] = await Promise.all([Promise.allSettled(spend), stripe.apply(event)]);
    expect(applied.outcome).toBe('applied');
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'insufficient_credits' });
    }
    return results.filter(({ status }) => status === 'fulfilled').length;
  }

  async function ledgerUse(stripe: StripeAccount) {
    const { entries, account } = await soundAccount(database, stripe.account_id);
    const change = entries.findLast(({ transaction_type }) => transaction_type === 'plan_change')?.seq ?? 0;
    const uses = entries.filter(({ transaction_type }) => transaction_type === 'usage');
    return { account, all: uses.length, before: uses.filter(({ seq }) => seq < change).length };
  }

  test('a cancellation are each paid by the plan or by the free period after it, and none by both', async () => {
    const stripe = await subscribed('pro_month');
    const ended = stripe.subscriptionObject({ status: 'canceled', ended_at: bought_s + 60 });
    const taken = await race(stripe, eventObject('customer.subscription.deleted', ended, { created: bought_s + 60 }));
    const { account, all, before } = await ledgerUse(stripe);
    expect(all).toBe(taken);
    expect(balanceAt(account, catalog, test_now)).toMatchObject({
      plan: 'free',
      available_credits: 100 - (all - before) * credits_each,
    });
  });

  test('a downgrade count against the smaller allowance too', async () => {
    const stripe = await subscribed('pro_plus_month');
    const down = stripe.subscriptionObject({}, 'pro_month');
    const taken = await race(stripe, eventObject('customer.subscription.updated', down, { created: bought_s + 60 }));
    const { account, all } = await ledgerUse(stripe);
    expect(all).toBe(taken);
    expect(balanceAt(account, catalog, test_now)).toMatchObject({
      plan: 'pro',
      available_credits: Math.max(0, 1_000 - all * credits_each),
    });
  });
});
