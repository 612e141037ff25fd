import { afterEach, expect, test, vi } from 'vitest';
import { describeOnEngine } from '../engines/engines.ts';
import { StripeAccount } from './stripe-account.ts';
import { bought_s, eventObject, renewed_s } from './stripe-objects.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describeOnEngine('the calls of an event', (database) => {
  /** The commands that were sent to the database, by name. */
  async function sentBy(work: () => Promise<unknown>): Promise<string[]> {
    const send = vi.spyOn(database.client, 'send');
    await work();
    const names = send.mock.calls.map(([command]) => command.constructor.name);
    send.mockRestore();
    return names;
  }

  const second_end_s = renewed_s + 31 * 86_400;

  /** A renewal as Stripe tells it: the new period, an hour before it is paid. */
  function renewalOf(stripe: StripeAccount) {
    const item = { current_period_end: second_end_s, price: { lookup_key: 'pro_month' } };
    const renewed = stripe.subscriptionObject({ items: { data: [item] } });
    return [
      eventObject('customer.subscription.updated', renewed, { created: renewed_s }),
      eventObject('invoice.payment_failed', {}, { created: renewed_s }),
      eventObject('invoice.paid', stripe.invoiceObject(stripe.subscription, second_end_s, renewed_s), {
        created: renewed_s + 3_600,
      }),
    ] as const;
  }

  test('of a renewal: no call to Stripe, and one transaction that writes once per event', async () => {
    const read_and_write = ['QueryCommand', 'GetCommand', 'TransactWriteCommand'];
    const stripe = new StripeAccount(database);
    await stripe.apply(eventObject('customer.subscription.created', stripe.subscriptionObject()));
    await stripe.apply(eventObject('invoice.paid', stripe.invoiceObject()));
    const [updated, failed, paid] = renewalOf(stripe);
    expect(await sentBy(() => stripe.apply(updated))).toEqual(read_and_write);
    expect(await sentBy(() => stripe.apply(failed))).toEqual(['PutCommand']);
    expect(await sentBy(() => stripe.apply(paid))).toEqual(read_and_write);
    expect(stripe.stripe.asked).toEqual([]);
  });

  test('that comes again: the transaction that finds its marker, and no call to Stripe', async () => {
    const stripe = new StripeAccount(database);
    const created = eventObject('customer.subscription.created', stripe.subscriptionObject(), { created: bought_s });
    await stripe.apply(created);
    const again = await sentBy(() => stripe.apply(created));
    expect(again.filter((name) => name === 'PutCommand')).toEqual([]);
    expect(again.filter((name) => name === 'TransactWriteCommand')).toHaveLength(1);
    expect(stripe.stripe.asked).toEqual([]);
  });

  test('that is ambiguous: one call to Stripe', async () => {
    const stripe = new StripeAccount(database);
    await stripe.apply(eventObject('customer.subscription.created', stripe.subscriptionObject()));
    stripe.stripe.subscriptions.set(stripe.subscription, stripe.subscriptionObject({}, 'pro_plus_month'));
    const other = eventObject('customer.subscription.updated', stripe.subscriptionObject({}, 'ultimate_month'));
    const sent = await sentBy(() => stripe.apply(other));
    expect(sent.filter((name) => name === 'TransactWriteCommand')).toHaveLength(1);
    expect(stripe.stripe.asked).toEqual([stripe.subscription]);
    expect(await stripe.read()).toMatchObject({ subscription: { plan: 'pro_plus' } });
  });
});
