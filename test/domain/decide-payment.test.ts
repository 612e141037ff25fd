import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, newAccount } from '../../shared/domain/account/account.ts';
import { newPayment } from '../../shared/domain/account/payment.ts';
import { paymentOf, withPayment } from '../../shared/domain/account/rows.ts';
import { decidePayment, type PaymentNews } from '../../shared/domain/billing/decide-payment.ts';
import type { Entry } from '../../shared/domain/ledger/entry.ts';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import { decideDeduct } from '../../shared/domain/spend/decide-deduct.ts';
import type { Decide } from '../../shared/domain/time/decision.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { catalog } from './fixtures.ts';

const now = Date.parse('2026-11-24T10:00:00Z');
const payment_id = 'pi_1';
const purchase: PaymentNews = {
  kind: 'purchase',
  payment_id,
  credits: 500,
  description: 'pack small',
  entry_id: `purchase:${payment_id}`,
};

const moneyBack = (money_back_amount: number): PaymentNews => ({
  kind: 'money_back_sum',
  payment_id,
  paid_amount: 1_500,
  money_back_amount,
  cause: `ch_1:${money_back_amount}`,
});

/** All money back, as Stripe lists its refunds; those with a minus have failed. */
const moneyBackList = (...amounts: number[]): PaymentNews => ({
  kind: 'money_back_list',
  payment_id,
  paid_amount: 1_500,
  money_back: amounts.map((amount, n) => ({ id: `re_${n}`, amount: Math.abs(amount), has_failed: amount < 0 })),
  are_all: true,
  cause: 'ch_1',
});

const dispute = (transactions: number, withdrawn_amount: number): PaymentNews => ({
  kind: 'dispute',
  payment_id,
  paid_amount: 1_500,
  dispute: { id: 'dp_1', transactions, withdrawn_amount },
  cause: `dp_1:${transactions}`,
});

/** An account with what was booked on it. */
class Buyer {
  account: Account = withPayment(newAccount('u_1', catalog, now), newPayment(payment_id));
  readonly entries: Entry[] = [];

  decide(decide: Decide): this {
    const decision = decide(presentOf(this.account, catalog, now));
    if (!('draft' in decision)) throw new Error('was expected to be decided');
    this.account = decision.draft.account;
    this.entries.push(...decision.draft.entries);
    return this;
  }

  hear(...news: PaymentNews[]): this {
    for (const one of news) this.decide(decidePayment(one));
    return this;
  }

  spend(amount: number, key = `use:${amount}`): this {
    const deduction = {
      entry_id: key,
      fingerprint: 'f',
      amount,
      description: 'work',
      actor: 'u_1',
    };
    return this.decide(decideDeduct(deduction));
  }

  /** What remains of the purchase. */
  get purchased() {
    return this.account.lots.find(({ kind }) => kind === 'purchase')?.remaining ?? 0;
  }

  get booked() {
    return this.entries.map(({ entry_id, amount }) => [entry_id, amount]);
  }
}

describe('a payment for credits', () => {
  test('adds one purchased lot, once', () => {
    const buyer = new Buyer().hear(purchase, purchase);
    expect(buyer.booked.slice(1)).toEqual([['purchase:pi_1', 500]]);
    expect(balanceOf(buyer.account.lots)).toBe(600);
  });

  test('first asks for its row', () => {
    expect(decidePayment(purchase)(presentOf(newAccount('u_1', catalog, now), catalog, now))).toEqual({
      asks: { kind: 'payment', id: payment_id },
    });
  });

  test('refunded in parts: each refund takes only the difference, rounded in the customer’s favour', () => {
    const buyer = new Buyer().hear(
      purchase,
      moneyBack(500),
      moneyBack(500),
      moneyBack(1_000),
      moneyBack(500),
      moneyBack(1_500),
    );
    expect(buyer.booked.slice(2)).toEqual([
      ['clawback:ch_1:500', -166],
      ['clawback:ch_1:1000', -167],
      ['clawback:ch_1:1500', -167],
    ]);
    expect(balanceOf(buyer.account.lots)).toBe(100);
  });

  test('refunded after it was spent: leaves a shortfall, and no balance below zero', () => {
    const buyer = new Buyer().hear(purchase).spend(400).hear(moneyBack(1_500));
    expect(buyer.entries.at(-1)).toMatchObject({ transaction_type: 'clawback', amount: -200, shortfall_credits: 300 });
    expect(balanceOf(buyer.account.lots)).toBe(0);
  });

  test('disputed and won: gives back exactly what the dispute took', () => {
    const buyer = new Buyer().hear(purchase).spend(400).hear(dispute(1, 1_500), dispute(2, 0), dispute(1, 1_500));
    expect(buyer.booked.slice(3)).toEqual([
      ['clawback:dp_1:1', -200],
      ['reinstate:dp_1:2', 200],
    ]);
    expect(buyer.purchased).toBe(200);
    expect(paymentOf(buyer.account, payment_id)).toMatchObject({ called_back_credits: 0 });
  });

  test('spent, disputed and won: gives nothing back and owes nothing', () => {
    const buyer = new Buyer().hear(purchase).spend(600).hear(dispute(1, 1_500), dispute(2, 0));
    expect(buyer.booked.slice(3)).toEqual([
      ['clawback:dp_1:1', 0],
      ['reinstate:dp_1:2', 0],
    ]);
    expect(buyer.account.lots.filter(({ kind }) => kind === 'purchase')).toEqual([]);
  });

  test('whose refund fails: gives back what the refund took; the next refund takes its share', () => {
    const buyer = new Buyer().hear(
      purchase,
      moneyBack(600),
      moneyBackList(-600),
      moneyBackList(-600),
      moneyBackList(-600, 900),
    );
    expect(buyer.booked.slice(2)).toEqual([
      ['clawback:ch_1:600', -200],
      ['reinstate:ch_1:600:600', 200],
      ['clawback:ch_1:1500:600', -300],
    ]);
    buyer.hear(moneyBackList(-600, -900), moneyBackList(-600, 900));
    expect(buyer.booked.at(-1)).toEqual(['reinstate:ch_1:1500:1500', 300]);
    expect(buyer.purchased).toBe(500);
  });

  test('spent, and its refund fails: owes nothing any more', () => {
    const buyer = new Buyer().hear(purchase).spend(600).hear(moneyBack(1_500), moneyBackList(-1_500));
    expect(buyer.booked.slice(3)).toEqual([
      ['clawback:ch_1:1500', 0],
      ['reinstate:ch_1:1500:1500', 0],
    ]);
    expect(buyer.account.lots.filter(({ kind }) => kind === 'purchase')).toEqual([]);
  });

  test('with a failed refund: a mere sum of refunds asks for them one by one', () => {
    const { account } = new Buyer().hear(purchase, moneyBackList(-600));
    expect(decidePayment(moneyBack(600))(presentOf(account, catalog, now))).toEqual({
      asks: { kind: 'money_back', payment_id },
    });
  });

  test('ends the same in whatever order refunds and their failures arrive', () => {
    const told = [
      purchase,
      moneyBackList(-200),
      moneyBackList(-200, 300),
      moneyBackList(-200, 300, 700),
      moneyBackList(-200, -300, 700),
    ];
    const expected = new Buyer().hear(...told, dispute(1, 300));
    expect(expected.purchased).toBe(167);
    fc.assert(
      fc.property(fc.shuffledSubarray([...told, dispute(1, 300), ...told], { minLength: 11 }), (order) => {
        const buyer = new Buyer().hear(...order);
        expect(balanceOf(buyer.account.lots)).toBe(balanceOf(expected.account.lots));
        expect(paymentOf(buyer.account, payment_id)).toEqual(paymentOf(expected.account, payment_id));
        expect(new Set(buyer.entries.map(({ entry_id }) => entry_id)).size).toBe(buyer.entries.length);
      }),
    );
  });

  test('ends the same in whatever order and however often its events arrive', () => {
    const news = [purchase, moneyBack(300), moneyBack(700), dispute(1, 800), dispute(2, 0), dispute(3, 800)];
    const expected = new Buyer().hear(...news);
    fc.assert(
      fc.property(fc.shuffledSubarray([...news, ...news], { minLength: 12 }), (order) => {
        const buyer = new Buyer().hear(...order);
        expect(buyer.purchased).toBe(expected.purchased);
        expect(balanceOf(buyer.account.lots)).toBe(buyer.entries.reduce((sum, { amount }) => sum + amount, 0));
        expect(new Set(buyer.entries.map(({ entry_id }) => entry_id)).size).toBe(buyer.entries.length);
      }),
    );
  });
});
