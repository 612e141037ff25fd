import { expect, test } from 'vitest';
import { draftOf } from '../../shared/domain/account/draft.ts';
import { newMember } from '../../shared/domain/account/member.ts';
import { bookCovered, chargedTo, mostCovered, useOf } from '../../shared/domain/spend/charge.ts';
import { instant, Journey } from './fixtures.ts';

const now = instant('2026-03-01T23:59:59.999Z');
const { account } = new Journey(now);
const counted = { ...account, period: { ...account.period, uncharged_use: 7 } };

test('an unlimited plan covers as much as the counter can still take', () => {
  expect(mostCovered(counted)).toBe(Number.MAX_SAFE_INTEGER - 7);
});

test('a covered charge is counted and moves no lot', () => {
  const facts = {
    entry_id: 'use:k',
    transaction_type: 'usage',
    description: '',
    created_at: now,
    actor: 'u_1',
    fingerprint: null,
  } as const;
  const draft = bookCovered(draftOf(counted), facts, 5);
  expect(draft.account.period).toEqual({ ...account.period, uncharged_use: 12 });
  expect(draft.account.lots).toEqual(account.lots);
  expect(draft.entries).toMatchObject([{ ...facts, amount: 0, covered_by: 'unlimited', covered_credits: 5, lots: [] }]);
});

test('a use counts for its feature on its UTC day; without a feature nothing is counted', () => {
  expect(useOf('ads', 5, now)).toEqual({ usage: { feature: 'ads', day: '2026-03-01', count: 1, credits: 5 } });
  expect(useOf('ads', 5, now + 1)).toMatchObject({ usage: { day: '2026-03-02' } });
  expect([useOf(null, 5, now), useOf(undefined, 5, now)]).toEqual([undefined, undefined]);
});

test('an entry names its feature and member, or leaves them out', () => {
  expect(chargedTo('ads', newMember('anna'))).toStrictEqual({ feature: 'ads', member: 'anna' });
  expect(chargedTo(null, null)).toStrictEqual({});
  expect(chargedTo(undefined, null)).toStrictEqual({});
});
