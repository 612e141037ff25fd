import { describe, expect, test } from 'vitest';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { describeOnEngine, pace } from '../engines/engines.ts';
import { deductCommand } from '../store/commands.ts';
import { StripeAccount, workerDeps } from './stripe-account.ts';
import { bought_s, eventObject } from './stripe-objects.ts';

describeOnEngine('answers and ends that come late from Stripe', (database) => {
  const bought = () => StripeAccount.bought(database);

  describe('an answer fetched before newer events were committed', () => {
    /** Answers with what there is now, and before the answer arrives something else happens. */
    function answerLate(stripe: StripeAccount, happens: () => Promise<unknown>): void {
      const { subscriptions, asked } = stripe.stripe;
      let is_first = true;
      stripe.stripe.fetchSubscription = async (id) => {
        asked.push(id);
        const answer = subscriptions.get(id) ?? null;
        if (is_first) {
          is_first = false;
          await happens();
        }
        return answer;
      };
    }

    const updatedTo = (stripe: StripeAccount, lookup_key: string, created: number, changes = {}) => {
      const subscription = stripe.subscriptionObject(changes, lookup_key);
      return {
        event: eventObject('customer.subscription.updated', subscription, { created }),
        happen: () => stripe.stripe.subscriptions.set(stripe.subscription, subscription),
      };
    };

    test.each([0, 1])('is fetched again: the other event was %i seconds later', async (seconds) => {
      const stripe = await bought();
      const first = updatedTo(stripe, 'pro_plus_month', bought_s);
      const later = updatedTo(stripe, 'ultimate_month', bought_s + seconds);
      first.happen();
      answerLate(stripe, async () => {
        later.happen();
        await stripe.apply(later.event, workerDeps(database, stripe.stripe));
      });
      expect(await stripe.apply(first.event)).toMatchObject({ outcome: 'applied' });
      expect(await stripe.read()).toMatchObject({ subscription: { plan: 'ultimate' }, period: { plan: 'ultimate' } });
      expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true });
    });

    test('is kept when only credits have changed', async () => {
      const stripe = await bought();
      const { event, happen } = updatedTo(stripe, 'pro_plus_month', bought_s);
      happen();
      answerLate(stripe, () => stripe.deps.accounts.transact(stripe.account_id, deductCommand('meanwhile', 10)));
      expect(await stripe.apply(event)).toMatchObject({ outcome: 'applied' });
      expect(await stripe.credits()).toEqual({ plan: 'pro_plus', available_credits: 4_990 });
      expect(stripe.stripe.asked).toEqual([stripe.subscription]);
    });

    test('does not end a subscription that has come back', async () => {
      const stripe = await bought();
      const unpaid = updatedTo(stripe, 'pro_month', bought_s + 10, { status: 'unpaid' });
      const paid_again = updatedTo(stripe, 'pro_month', bought_s + 30);
      const second = stripe.subscriptionObject({ id: `${stripe.subscription}_second` });
      unpaid.happen();
      answerLate(stripe, async () => {
        paid_again.happen();
        await stripe.apply(paid_again.event, workerDeps(database, stripe.stripe));
      });
      const created = eventObject('customer.subscription.created', second, { created: bought_s + 20 });
      await stripe.apply(created);
      expect(await stripe.read()).toMatchObject({
        subscription: { stripe_subscription_id: stripe.subscription, status: 'active' },
        period: { plan: 'pro', stripe_subscription_id: stripe.subscription },
      });
    });
  });

  describe('the end of a subscription that the account does not hold', () => {
    const ended = (stripe: StripeAccount, changes: object, lookup_key: string, created = bought_s) =>
      eventObject(
        'customer.subscription.deleted',
        stripe.subscriptionObject({ status: 'canceled', ...changes }, lookup_key),
        {
          created,
        },
      );

    test('to something else that is sold here leaves the account as it is', async () => {
      const stripe = new StripeAccount(database);
      await stripe.remember(stripe.customer);
      const before = await stripe.read();
      const foreign = { id: `${stripe.subscription}_foreign`, metadata: {} };
      expect(await stripe.apply(ended(stripe, foreign, 'a_newsletter'))).toMatchObject({ outcome: 'stale' });
      expect(await stripe.read()).toEqual(before);
    });

    test('heard of before its beginning: the beginning comes too late', async () => {
      const stripe = new StripeAccount(database);
      expect(await stripe.apply(ended(stripe, {}, 'pro_month', bought_s + 60))).toMatchObject({ outcome: 'applied' });
      const created = eventObject('customer.subscription.created', stripe.subscriptionObject());
      expect(await stripe.apply(created)).toMatchObject({ outcome: 'stale' });
      await stripe.apply(eventObject('invoice.paid', stripe.invoiceObject()));
      expect(await stripe.credits()).toEqual({ plan: 'free', available_credits: 100 });
    });

    test('heard of before its beginning and before the end of the held one: both have ended', async () => {
      const stripe = await bought();
      const id = `${stripe.subscription}_second`;
      const both_ended = [
        stripe.subscriptionObject({ status: 'canceled' }),
        stripe.subscriptionObject({ id, status: 'canceled' }),
      ];
      for (const subscription of both_ended) stripe.stripe.subscriptions.set(String(subscription.id), subscription);
      const events = [
        ended(stripe, { id }, 'pro_month', bought_s + 60),
        ended(stripe, {}, 'pro_month', bought_s + 20),
        eventObject('customer.subscription.created', stripe.subscriptionObject({ id }), { created: bought_s + 40 }),
        eventObject('invoice.paid', stripe.invoiceObject(id), { created: bought_s + 40 }),
      ];
      for (const event of events) expect((await stripe.apply(event)).outcome).not.toBe('quarantined');
      expect(await stripe.read()).toMatchObject({
        subscription: { stripe_subscription_id: id, status: 'canceled' },
        period: { plan: 'free' },
      });
      expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true });
    });
  });
});
