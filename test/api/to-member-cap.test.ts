import { expect, test } from 'vitest';
import { toMemberCap } from '../../shared/api/to-member-cap.ts';

const member = { member: 'ann', monthly_credits: 50, month: '2026-12', used_credits: 30 };

test.each([
  ['2026-12-01T00:00:00.000Z', 30, '2027-01-01T00:00:00.000Z'],
  ['2026-12-31T23:59:59.999Z', 30, '2027-01-01T00:00:00.000Z'],
  ['2027-01-01T00:00:00.000Z', 0, '2027-02-01T00:00:00.000Z'],
  ['2028-02-29T12:00:00.000Z', 0, '2028-03-01T00:00:00.000Z'],
])('at %s %i credits of the cap are used, until %s', (now, used_credits, resets_at) => {
  expect(toMemberCap(member, Date.parse(now))).toEqual({
    member: 'ann',
    monthly_credits: 50,
    used_credits,
    resets_at,
  });
});
