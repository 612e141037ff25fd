import { expect, test } from 'vitest';
import { hasEnded, isInForce, isLive, newerPayment } from '../../shared/domain/subscription.ts';
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
])('of two payments the newer one %s, whichever is heard of first', (_, newer, older) => {
  expect(newerPayment(newer, older)).toBe(newer);
  expect(newerPayment(older, newer)).toBe(newer);
  expect(newerPayment(older, older)).toBe(older);
});
