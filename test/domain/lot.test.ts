import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  availableIn,
  availableOf,
  balanceOf,
  burnOrder,
  charge,
  type Lot,
  lotIdOf,
  openedBy,
  sharesOf,
} from '../../shared/domain/ledger/lot.ts';
import { lotOf } from './fixtures.ts';

const few = fc.integer({ min: 0, max: 3 });
/** Few values each, so that every rule of the order has to decide at times. */
const lots: fc.Arbitrary<Lot> = fc
  .record({
    id: fc.constantFrom('lot_1', 'lot_2', 'lot_10', 'lot_9'),
    kind: fc.constantFrom('monthly', 'bonus', 'purchase', 'rollover'),
    remaining: few,
    held: few,
    priority: few,
    expires_at: fc.option(few),
    created_at: few,
  })
  .map((lot) => lotOf({ ...lot, amount: 5, held: Math.min(lot.held, lot.remaining) }));
const purses = fc.uniqueArray(lots, { selector: (lot) => lot.id, maxLength: 4 });

describe('burn order is total and stable', () => {
  test('antisymmetric: of two lots one burns first, and only a lot and itself are equal', () => {
    fc.assert(
      fc.property(lots, lots, (a, b) => {
        expect(Math.sign(burnOrder(a, b)) + Math.sign(burnOrder(b, a))).toBe(0);
        expect(burnOrder(a, a)).toBe(0);
        if (a.id !== b.id) expect(burnOrder(a, b)).not.toBe(0);
        expect(burnOrder(a, b)).not.toBeNaN();
      }),
      { numRuns: 1_000 },
    );
  });

  test('transitive', () => {
    fc.assert(
      fc.property(lots, lots, lots, (a, b, c) => {
        if (burnOrder(a, b) <= 0 && burnOrder(b, c) <= 0) expect(burnOrder(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });

  test('deterministic: shuffled lots burn in the same order', () => {
    const shuffled = purses.chain((purse) =>
      fc.tuple(fc.constant(purse), fc.shuffledSubarray(purse, { minLength: purse.length })),
    );
    fc.assert(
      fc.property(shuffled, fc.nat(20), ([purse, again], wanted) => {
        const amount = Math.min(wanted, availableIn(purse));
        expect(sharesOf(again, amount)).toEqual(sharesOf(purse, amount));
      }),
      { numRuns: 500 },
    );
  });

  test('rules in turn: priority, expiry, unpaid before paid, age, id', () => {
    const order = [
      lotOf({ id: 'lot_9', priority: 10, kind: 'purchase', expires_at: null, created_at: 9 }),
      lotOf({ id: 'lot_8', expires_at: 100, kind: 'purchase', created_at: 9 }),
      lotOf({ id: 'lot_7', expires_at: 200, kind: 'purchase', created_at: 9 }),
      lotOf({ id: 'lot_6', kind: 'rollover', created_at: 8 }),
      lotOf({ id: 'lot_4', kind: 'bonus', created_at: 9 }),
      lotOf({ id: 'lot_5', kind: 'monthly', created_at: 9 }),
      lotOf({ id: 'lot_3', kind: 'purchase', created_at: 1 }),
      lotOf({ id: 'lot_2', kind: 'purchase', created_at: 2 }),
      lotOf({ id: 'lot_1', priority: 51, expires_at: 1 }),
    ];
    expect(order.toReversed().toSorted(burnOrder)).toEqual(order);
  });
});

describe('shares of an amount over lots', () => {
  test('add up to the amount, take no lot’s held credits, and use a lot only when the one before is empty', () => {
    fc.assert(
      fc.property(purses, fc.nat(20), (purse, wanted) => {
        const amount = Math.min(wanted, availableIn(purse));
        const movements = sharesOf(purse, amount).map(charge);
        expect(movements.reduce((sum, movement) => sum - movement.amount, 0)).toBe(amount);
        const touched = new Set(movements.map((movement) => movement.id));
        const free = purse.toSorted(burnOrder).filter((lot) => availableOf(lot) > 0);
        expect(movements.map((movement) => movement.id)).toEqual(free.slice(0, touched.size).map((lot) => lot.id));
        for (const [place, movement] of movements.entries()) {
          const has = availableOf(free[place] ?? lotOf({ remaining: 0 }));
          if (place < movements.length - 1) expect(movement.amount).toBe(-has);
          else expect(-movement.amount).toBeLessThanOrEqual(has);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('leave held credits alone', () => {
    const held = lotOf({ id: 'lot_1', remaining: 10, held: 8, expires_at: 1 });
    const free = lotOf({ id: 'lot_2', kind: 'bonus', remaining: 10 });
    expect(sharesOf([free, held], 5)).toEqual([
      { lot: held, amount: 2 },
      { lot: free, amount: 3 },
    ]);
    expect(availableIn([held, free])).toBe(12);
    expect(balanceOf([held, free])).toBe(20);
  });

  test('name the terms by which a refund can restore the lot', () => {
    const lot = lotOf({ id: 'lot_7', kind: 'bonus', amount: 50, priority: 10, expires_at: 99, created_at: 3 });
    const terms = { amount: 50, priority: 10, expires_at: 99, created_at: 3 };
    expect(charge({ lot, amount: 4 })).toEqual({ id: 'lot_7', kind: 'bonus', amount: -4, terms });
  });

  test('are none for an amount of 0', () => {
    expect(sharesOf([lotOf()], 0)).toEqual([]);
  });
});

test('a lot’s id names the entry that opened it', () => {
  expect(lotIdOf(17)).toBe('lot_17');
  expect(openedBy('lot_17')).toBe(17);
});
