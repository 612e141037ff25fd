import { describe, expect, test } from 'vitest';
import { type Member, monthOf, newMember, usedInMonth } from '../../shared/domain/account/member.ts';
import { countUse, leftOfCap, overCap, spenderOf } from '../../shared/domain/spend/member-cap.ts';
import { instant, Journey } from './fixtures.ts';

const now = instant('2026-03-31T23:59:59.999Z');
const anna: Member = { member: 'anna', monthly_credits: 100, month: '2026-03', used_credits: 40 };
const { account } = new Journey(now);
const counting = { ...account, counts_members: true };

test('a member’s month is a UTC month', () => {
  expect([now, now + 1].map(monthOf)).toEqual(['2026-03', '2026-04']);
});

test('use of another month does not count', () => {
  expect([now, now + 1].map((at) => usedInMonth(anna, at))).toEqual([40, 0]);
});

test('a new member has no cap and has used nothing', () => {
  expect(newMember('ben')).toEqual({ member: 'ben', monthly_credits: null, month: '', used_credits: 0 });
});

describe('a charge counts for', () => {
  test('no member, if none is named or the account does not count members', () => {
    expect(spenderOf(counting, null)).toEqual({ member: null });
    expect(spenderOf(account, 'anna')).toEqual({ member: null });
  });

  test('the named member, whose row must be known', () => {
    expect(spenderOf(counting, 'anna')).toEqual({ asks: { kind: 'member', id: 'anna' } });
    const known = { ...counting, rows: { ...account.rows, members: [newMember('ben'), anna] } };
    expect(spenderOf(known, 'anna')).toEqual({ member: anna });
  });
});

describe('a member’s cap', () => {
  const hold = new Journey(now);
  hold.hold(10, 'h_1', { member: 'anna' });
  hold.hold(20, 'h_2', { member: 'anna' });
  hold.hold(15, 'h_3', { member: 'ben' });
  hold.hold(15, 'h_4');

  test('counts the month’s use and the member’s open holds', () => {
    expect(overCap(account, anna, 60, now)).toBeNull();
    expect(overCap(account, anna, 61, now)).toMatchObject({
      code: 'member_cap_exceeded',
      message: "61 credits are required; of the member's 100 a month 40 are used or held",
      members: { required: 61, monthly_credits: 100, used_credits: 40 },
    });
    expect(overCap(hold.account, anna, 30, now)).toBeNull();
    expect(overCap(hold.account, anna, 31, now)).toMatchObject({ members: { required: 31, used_credits: 70 } });
    expect(overCap(account, anna, 100, now + 1)).toBeNull();
    expect(overCap(account, anna, 101, now + 1)).toMatchObject({ members: { used_credits: 0 } });
  });

  test('leaves what is neither used nor held, and never less than 0', () => {
    expect(leftOfCap(account, anna, now)).toBe(60);
    expect(leftOfCap(hold.account, anna, now)).toBe(30);
    expect(leftOfCap(account, { ...anna, monthly_credits: 40 }, now)).toBe(0);
    expect(leftOfCap(account, { ...anna, monthly_credits: 39 }, now)).toBe(0);
  });

  test('is none without a member, and for members without a cap', () => {
    const free = { ...anna, monthly_credits: null };
    for (const member of [null, free]) {
      expect(overCap(account, member, 1_000_000, now)).toBeNull();
      expect(leftOfCap(account, member, now)).toBe(Number.POSITIVE_INFINITY);
    }
  });
});

describe('a member’s count', () => {
  const usedAfter = (member: Member, amount: number, at = now) =>
    countUse({ ...account, rows: { ...account.rows, members: [newMember('ben'), member] } }, member, amount, at).rows
      .members;

  test('adds to the month’s use, starts again in a new month, and leaves other members alone', () => {
    expect(usedAfter(anna, 5)).toEqual([newMember('ben'), { ...anna, used_credits: 45 }]);
    expect(usedAfter(anna, 5, now + 1)).toEqual([newMember('ben'), { ...anna, month: '2026-04', used_credits: 5 }]);
  });

  test('goes down by a refund, never below 0, and up to 2^53 − 1', () => {
    expect(usedAfter(anna, -40)[1]).toMatchObject({ used_credits: 0 });
    expect(usedAfter(anna, -41)[1]).toMatchObject({ used_credits: 0 });
    expect(usedAfter(anna, Number.MAX_SAFE_INTEGER)[1]).toMatchObject({ used_credits: Number.MAX_SAFE_INTEGER });
  });

  test('does not change for a charge without a member', () => {
    expect(countUse(account, null, 5, now)).toBe(account);
  });
});
