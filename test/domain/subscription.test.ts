import { describe, expect, test } from 'vitest';
import {
  hasEnded,
  hasEndedBefore,
  isInForce,
  isLive,
  newerPayment,
  paidForPlan,
  takeOver,
  wasInForce,
} from '../../shared/domain/account/subscription.ts';
import { pro } from './fixtures.ts';

test.each([
  ['active', true, false],
  ['trialing', true, false],
  ['past_due', true, false],
  ['incomplete', false, false],
  ['unpaid', false, false],
  ['paused', false, false],
  ['canceled', false, true],
  ['incomplete_expired', false, true],
  ['a word of next year', false, false],
])('%s: live %s, ended %s; in force when live and paid once', (status, live, ended) => {
  const subscription = { ...pro, status, paid: { from: 0, through: 1 }, left: null };
  expect([isLive(subscription), hasEnded(subscription), isInForce(subscription)]).toEqual([live, ended, live]);
  expect(isInForce({ ...subscription, paid: null })).toBe(false);
});

test.each([
  ['begins later, though it reaches less far', { from: 10, through: 20 }, { from: 0, through: 30 }],
  ['begins as late and reaches further', { from: 10, through: 30 }, { from: 10, through: 20 }],
  ['is the only one', { from: 10, through: 20 }, null],
])('of two payments the newer one %s, whichever arrives first', (_, newer, older) => {
  expect(newerPayment(newer, older)).toBe(newer);
  expect(newerPayment(older, newer)).toBe(newer);
  expect(newerPayment(older, older)).toBe(older);
});

describe('paid invoice lines cover', () => {
  const item = { stripe_item_id: 'si_1', stripe_price_id: 'price_pro' };
  const other_price = { ...item, stripe_price_id: 'price_other' };
  const add_on = { stripe_item_id: 'si_2', stripe_price_id: 'price_add_on' };
  const stretch = { from: 10, through: 20 };
  const longer = { from: 10, through: 400 };

  test.each([
    ['its item at its price: that', [{ ...stretch, item }], stretch, stretch],
    ['nothing that tells its item: that', [stretch, longer], longer, longer],
    [
      'an add-on beside it: not that',
      [
        { ...longer, item: add_on },
        { ...stretch, item },
      ],
      stretch,
      stretch,
    ],
    ['an add-on only: nothing, if the plan’s item is still that', [{ ...longer, item: add_on }], undefined, null],
    ['its item at another price: asked for', [{ ...stretch, item: other_price }], undefined, stretch],
    [
      'its item at two prices: asked for',
      [
        { ...stretch, item },
        { ...longer, item: other_price },
      ],
      undefined,
      longer,
    ],
    ['no line at all: nothing', [], null, null],
  ])('%s', (_, lines, known, fetched) => {
    expect(paidForPlan({ ...pro, item }, lines, false)).toEqual(known);
    expect(paidForPlan({ ...pro, item }, lines, true)).toEqual(fetched);
  });

  test('all lines’ time for a plan whose item is unknown', () => {
    expect(
      paidForPlan(
        pro,
        [
          { ...stretch, item: other_price },
          { ...longer, item: add_on },
        ],
        false,
      ),
    ).toEqual(longer);
  });
});

test.each([
  ['active', false],
  ['past_due', false],
  ['incomplete', false],
  ['canceled', true],
  ['unpaid', true],
  ['paused', true],
])('%s, and paid for: it is over: %s; if it was not paid for: never', (status, over) => {
  const subscription = { ...pro, status, paid: { from: 0, through: 1 }, left: null };
  expect(wasInForce(subscription)).toBe(over);
  expect(wasInForce({ ...subscription, paid: null })).toBe(false);
});

describe('a subscription that replaces another', () => {
  const past = { paid: { from: 0, through: 1 }, left: { anchor_at: 0, index: 2, used: 30 }, gone_back_from: 99 };
  const first = { ...pro, status: 'unpaid', ...past };
  const sub_2 = { ...pro, stripe_subscription_id: 'sub_2', status: 'incomplete' };

  test('starts without a past; the other’s is kept for when it comes back', () => {
    const second = takeOver(first, sub_2);
    const former = [{ stripe_subscription_id: 'sub_1', has_ended: false, ...past }];
    expect(second).toEqual({ ...sub_2, paid: null, left: null, former });
    expect(takeOver(second, pro)).toEqual({ ...pro, ...past });
  });

  test('knows which ones have ended', () => {
    const second = takeOver({ ...first, status: 'canceled' }, sub_2);
    expect(hasEndedBefore(second, 'sub_1')).toBe(true);
    expect(hasEndedBefore(second, 'sub_0')).toBe(false);
    expect(hasEndedBefore(takeOver(first, sub_2), 'sub_1')).toBe(false);
    expect(hasEndedBefore(first, 'sub_1')).toBe(false);
  });

  test('of none has no past', () => {
    expect(takeOver(null, pro)).toEqual({ ...pro, paid: null, left: null });
  });
});
