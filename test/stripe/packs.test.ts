import { describe, expect, test } from 'vitest';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { balance_max } from '../../shared/domain/units.ts';
import { catalog, describeOnEngine, test_now } from '../engines/engines.ts';
import { deductCommand, grantCommand, holdCommand, refundCommand, releaseCommand } from '../store/commands.ts';
import { soundAccount } from '../store/sound.ts';
import { StripeAccount, workerDeps } from './stripe-account.ts';
import {
  bought_s,
  chargeObject,
  disputeObject,
  eventObject,
  pack_metadata,
  packSessionObject,
  paymentIntentObject,
  refundObject,
} from './stripe-objects.ts';

describeOnEngine('packs of credits', (database) => {
  /** Two small packs of 500 for 3,000 cents, beside the 100 credits of the free plan. */
  class Buyer extends StripeAccount {
    readonly payment_intent = `pi_${this.account_id}`;
    readonly dispute_id = `du_${this.account_id}`;
    readonly charge = `ch_${this.account_id}`;
    readonly #ids = {
      customer: this.customer,
      payment_intent: this.payment_intent,
      metadata: { ...pack_metadata, account_id: this.account_id },
    };

    constructor() {
      super(database);
      const { customer, metadata } = this.#ids;
      this.stripe.payments.set(
        this.payment_intent,
        paymentIntentObject({ id: this.payment_intent, customer, metadata }),
      );
    }

    completed(changes: Parameters<typeof packSessionObject>[0] = {}) {
      const session = packSessionObject({ id: `cs_${this.account_id}`, ...this.#ids, ...changes });
      return eventObject('checkout.session.completed', session);
    }

    refunded(amount_refunded: number) {
      const charge = chargeObject({ id: this.charge, ...this.#ids, amount_refunded });
      return eventObject('charge.refunded', charge, { created: bought_s + 60 });
    }

    /** The failure of one of the payment's refunds; the others, and those that failed before, with a minus. */
    refundFailed(amount: number, ...others: number[]) {
      const { payment_intent } = this;
      const charge = chargeObject({ id: this.charge, ...this.#ids });
      const refunds = [-amount, ...others].map((each, n) => {
        const status = each < 0 ? 'failed' : 'succeeded';
        return refundObject(Math.abs(each), { id: `re_${n}`, status, payment_intent, charge });
      });
      this.stripe.refunds.set(payment_intent, refunds);
      return eventObject('refund.failed', { ...refunds[0], charge: this.charge }, { created: bought_s + 120 });
    }

    disputed(...moved: number[]) {
      const { payment_intent } = this;
      const type = moved.length === 1 ? 'charge.dispute.funds_withdrawn' : 'charge.dispute.funds_reinstated';
      return eventObject(type, disputeObject(moved, { id: this.dispute_id, payment_intent }));
    }

    async hear(...events: unknown[]) {
      const outcomes = [];
      for (const event of events) outcomes.push((await this.apply(event)).outcome);
      return outcomes;
    }

    async ledger() {
      const { entries } = await soundAccount(database, this.account_id);
      return entries
        .filter(({ transaction_type }) => transaction_type !== 'reset')
        .map(({ entry_id, amount }) => [entry_id.split(':')[0], amount]);
    }

    async available() {
      return balanceAt(await this.read(), catalog, test_now).available_credits;
    }
  }

  describe('are credited', () => {
    test('once, though Stripe reports one payment by two events, each twice and all at once', async () => {
      const buyer = new Buyer();
      const other = workerDeps(database, buyer.stripe);
      const succeeded = { ...buyer.completed(), type: 'checkout.session.async_payment_succeeded' };
      const events = [buyer.completed(), succeeded].flatMap((event) => [event, event]);
      await Promise.all(events.flatMap((event) => [buyer.apply(event), buyer.apply(event, other)]));
      expect(await buyer.ledger()).toEqual([['purchase', 1_000]]);
      expect(await buyer.available()).toBe(1_100);
      expect(buyer.stripe.asked).toEqual([]);
    });

    test('when the payment arrives, not before', async () => {
      const buyer = new Buyer();
      expect(await buyer.hear(buyer.completed({ payment_status: 'unpaid' }))).toEqual(['ignored']);
      expect(await buyer.available()).toBe(100);
      const succeeded = { ...buyer.completed(), type: 'checkout.session.async_payment_succeeded' };
      expect(await buyer.hear(succeeded)).toEqual(['applied']);
      expect(await buyer.available()).toBe(1_100);
    });

    test('and outlive a plan, its change and its end', async () => {
      const buyer = new Buyer();
      const updated = (at_s: number, changes: object, lookup_key?: string) =>
        eventObject('customer.subscription.updated', buyer.subscriptionObject(changes, lookup_key), {
          created: at_s,
        });
      await buyer.hear(
        buyer.completed(),
        updated(bought_s, {}),
        eventObject('invoice.paid', buyer.invoiceObject()),
        updated(bought_s + 1, {}, 'pro_plus_month'),
        updated(bought_s + 2, { status: 'canceled' }),
      );
      const { lots } = balanceAt(await buyer.read(), catalog, test_now);
      expect(lots.find(({ kind }) => kind === 'purchase')).toMatchObject({ amount: 1_000, remaining: 1_000 });
      await soundAccount(database, buyer.account_id);
    });

    test('unless the account could not count them: then the payment is recorded and reported', async () => {
      const buyer = new Buyer();
      await buyer.deps.accounts.transact(buyer.account_id, grantCommand('all', balance_max - 500));
      expect(await buyer.apply(buyer.completed())).toMatchObject({
        outcome: 'quarantined',
        reason: 'credits_out_of_range',
      });
    });
  });

  describe('whose money is refunded', () => {
    test('in parts lose only the difference each time, whatever is repeated', async () => {
      const buyer = new Buyer();
      const events = [buyer.completed(), buyer.refunded(1_000), buyer.refunded(2_000), buyer.refunded(1_000)];
      expect(await buyer.hear(...events)).toEqual(['applied', 'applied', 'applied', 'applied']);
      expect(await buyer.hear(...events)).toEqual(['replayed', 'replayed', 'replayed', 'replayed']);
      expect(await buyer.ledger()).toEqual([
        ['purchase', 1_000],
        ['clawback', -333],
        ['clawback', -333],
      ]);
      expect(await buyer.available()).toBe(434);
    });

    test('before the purchase is heard of are never credited', async () => {
      const buyer = new Buyer();
      await buyer.hear(buyer.refunded(3_000), buyer.completed());
      expect(await buyer.ledger()).toEqual([
        ['purchase', 1_000],
        ['clawback', -1_000],
      ]);
      expect(await buyer.available()).toBe(100);
    });

    test('twice in parallel lose it once', async () => {
      const buyer = new Buyer();
      const other = workerDeps(database, buyer.stripe);
      await buyer.hear(buyer.completed());
      const event = buyer.refunded(3_000);
      const handled = await Promise.all([buyer.apply(event), buyer.apply(event, other), buyer.apply(event, other)]);
      expect(handled.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'replayed', 'replayed']);
      expect(await buyer.available()).toBe(100);
    });

    test('after they were spent leave a shortfall in the entry; credits that come back later are taken', async () => {
      const buyer = new Buyer();
      const { accounts } = buyer.deps;
      await buyer.hear(buyer.completed());
      await accounts.transact(buyer.account_id, deductCommand('spent', 700));
      await buyer.hear(buyer.refunded(3_000));
      const { entries } = await soundAccount(database, buyer.account_id);
      expect(entries.at(-1)).toMatchObject({ transaction_type: 'clawback', amount: -400, shortfall_credits: 600 });
      expect(await buyer.available()).toBe(0);
      expect(balanceAt(await buyer.read(), catalog, test_now).lots.map(({ kind }) => kind)).toEqual(['monthly']);
      await accounts.transact(buyer.account_id, refundCommand('r1', 'use:spent', 550));
      expect(await buyer.available()).toBe(0);
      expect((await soundAccount(database, buyer.account_id)).account.lots).toMatchObject([{}, { owed: 50 }]);
      await accounts.transact(buyer.account_id, refundCommand('r2', 'use:spent', 150));
      expect(await buyer.available()).toBe(100);
      expect((await soundAccount(database, buyer.account_id)).account.lots).toHaveLength(1);
    });

    test('come back when a refund fails, and are taken with the next one; Stripe is asked for each', async () => {
      const buyer = new Buyer();
      const [taken, failed] = [buyer.refunded(3_000), buyer.refundFailed(3_000)];
      await buyer.hear(buyer.completed(), taken);
      expect(buyer.stripe.asked).toEqual([]);
      expect(await buyer.hear(failed, failed)).toEqual(['applied', 'replayed']);
      expect(await buyer.available()).toBe(1_100);
      buyer.refundFailed(3_000, 1_500);
      await buyer.hear(buyer.refunded(1_500));
      expect(await buyer.available()).toBe(600);
      expect(await buyer.ledger()).toEqual([
        ['purchase', 1_000],
        ['clawback', -1_000],
        ['reinstate', 1_000],
        ['clawback', -500],
      ]);
      expect(buyer.stripe.asked).toEqual(Array.from({ length: 3 }, () => buyer.payment_intent));
      await soundAccount(database, buyer.account_id);
    });

    test('are taken by a refund that is heard of while Stripe is asked about a failed one', async () => {
      const buyer = new Buyer();
      const [own, other] = [workerDeps(database, buyer.stripe), workerDeps(database, buyer.stripe)];
      await buyer.hear(buyer.completed(), buyer.refunded(1_500));
      const failed = buyer.refundFailed(1_500);
      // Stripe has answered; then the seller gives back 1,500 again, and the news of that are the quicker ones.
      let is_first = true;
      const fetchRefundsOf = async (id: string) => {
        const refunds = await buyer.stripe.fetchRefundsOf(id);
        if (is_first) {
          is_first = false;
          buyer.refundFailed(1_500, 1_500);
          await buyer.apply(buyer.refunded(1_500), other);
        }
        return refunds;
      };
      await buyer.apply(failed, { ...own, stripe: Object.assign(Object.create(buyer.stripe), { fetchRefundsOf }) });
      expect(await buyer.available()).toBe(600);
    });

    test('by a refund that failed before anything else is heard of are all kept', async () => {
      const buyer = new Buyer();
      const failed = buyer.refundFailed(3_000);
      await buyer.hear(failed, buyer.completed(), buyer.refunded(3_000));
      expect(await buyer.ledger()).toEqual([['purchase', 1_000]]);
    });

    test('while a hold has pinned them are taken when it frees them', async () => {
      const buyer = new Buyer();
      const { accounts } = buyer.deps;
      await buyer.hear(buyer.completed());
      await accounts.transact(buyer.account_id, holdCommand('h1', 600));
      await buyer.hear(buyer.refunded(3_000));
      expect(await buyer.available()).toBe(0);
      await accounts.transact(buyer.account_id, releaseCommand('h1'));
      expect(await buyer.available()).toBe(100);
      await soundAccount(database, buyer.account_id);
    });
  });

  describe('whose payment is disputed', () => {
    test('are taken, and come back when the dispute is won; each movement costs one call to Stripe', async () => {
      const buyer = new Buyer();
      await buyer.hear(buyer.completed());
      const withdrawn = buyer.disputed(-3_000);
      expect(await buyer.hear(withdrawn, withdrawn)).toEqual(['applied', 'replayed']);
      expect(await buyer.available()).toBe(100);
      await buyer.hear(buyer.disputed(-3_000, 3_000), buyer.disputed(-3_000));
      expect(await buyer.available()).toBe(1_100);
      expect(await buyer.ledger()).toEqual([
        ['purchase', 1_000],
        ['clawback', -1_000],
        ['reinstate', 1_000],
      ]);
      expect(buyer.stripe.asked).toEqual([buyer.payment_intent, buyer.payment_intent, buyer.payment_intent]);
    });

    test('and that were spent have nothing to give back', async () => {
      const buyer = new Buyer();
      await buyer.hear(buyer.completed());
      await buyer.deps.accounts.transact(buyer.account_id, deductCommand('spent', 800));
      await buyer.hear(buyer.disputed(-3_000), buyer.disputed(-3_000, 3_000));
      expect(await buyer.available()).toBe(300);
      await soundAccount(database, buyer.account_id);
    });

    test('without a payment that Stripe knows are reported', async () => {
      const buyer = new Buyer();
      buyer.stripe.payments.clear();
      expect(await buyer.apply(buyer.disputed(-3_000))).toMatchObject({
        outcome: 'quarantined',
        reason: 'payment_not_found',
      });
    });
  });
});
