import { describe, expect, test } from 'vitest';
import { decideDeduct } from '../../shared/domain/spend/decide-deduct.ts';
import { decideHold } from '../../shared/domain/spend/decide-hold.ts';
import { decideMemberCap } from '../../shared/domain/spend/decide-member-cap.ts';
import { decideRefund } from '../../shared/domain/spend/decide-refund.ts';
import { decideSettle } from '../../shared/domain/spend/decide-settle.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { catalog, instant, Journey, proJourney } from './fixtures.ts';

const now = instant('2026-03-10T00:00:00Z');
const by = (member: string) => ({ member });

/** An account of 1,000 credits whose member anna may spend 100 a month. */
function capped(): Journey {
  const journey = new Journey(now);
  journey.bonus(900);
  journey.cap('anna', 100);
  return journey;
}

const rowOf = ({ account }: Journey, id: string) => account.rows.members.find(({ member }) => member === id);

describe('a member’s cap', () => {
  test('is kept in the member’s row without an entry, and the account counts members from then on', () => {
    const journey = new Journey(now);
    expect(decideMemberCap({ member: 'anna', monthly_credits: 100 })(presentOf(journey.account, catalog, now))).toEqual(
      {
        asks: { kind: 'member', id: 'anna' },
      },
    );
    journey.deduct(10, undefined, by('anna'));
    expect(journey.entries.at(-1)).not.toHaveProperty('member');
    const { seq } = journey.account;
    expect(journey.cap('anna', 100)).toBeNull();
    expect(journey.account).toMatchObject({ seq, counts_members: true });
    expect(rowOf(journey, 'anna')).toEqual({ member: 'anna', monthly_credits: 100, month: '', used_credits: 0 });
  });

  test('of 0 refuses every charge', () => {
    const journey = capped();
    journey.cap('anna', 0);
    expect(journey.deduct(1, undefined, by('anna'))).toMatchObject({
      members: { required: 1, monthly_credits: 0, used_credits: 0 },
    });
  });

  test('keeps the count when it is removed; removing one that never was changes nothing', () => {
    const journey = capped();
    journey.deduct(30, undefined, by('anna'));
    journey.cap('anna', null);
    expect(rowOf(journey, 'anna')).toEqual({
      member: 'anna',
      monthly_credits: null,
      month: '2026-03',
      used_credits: 30,
    });
    expect(journey.account.counts_members).toBe(true);
    expect(journey.deduct(500, undefined, by('anna'))).toBeNull();
    const other = new Journey(now).wait(1_000);
    expect(other.cap('anna', null)).toBeNull();
    expect(other.account.counts_members).toBe(false);
    expect(other.account.rows.members).toEqual([]);
  });

  test('brings the account to now', () => {
    const journey = capped();
    const { seq } = journey.account;
    journey.to('2026-04-10T00:00:00Z').cap('anna', 50);
    expect(journey.account.seq).toBeGreaterThan(seq);
    const other = new Journey(now).to('2026-04-10T00:00:00Z');
    other.cap('anna', null);
    expect(other.account.seq).toBe(3);
  });
});

describe('deduct under a cap', () => {
  test('succeeds up to the cap within a calendar month', () => {
    const journey = capped();
    expect(journey.deduct(60, 'use:k', by('anna'))).toBeNull();
    expect(journey.entry('use:k')?.member).toBe('anna');
    const before = journey.account;
    const refused = journey.deduct(41, undefined, by('anna'));
    expect(refused).toMatchObject({ code: 'member_cap_exceeded' });
    expect(refused).toMatchObject({ members: { required: 41, monthly_credits: 100, used_credits: 60 } });
    expect(journey.account).toBe(before);
    expect(journey.deduct(40, undefined, by('anna'))).toBeNull();
    journey.to('2026-03-31T23:59:59.999Z');
    expect(journey.deduct(1, undefined, by('anna'))).toMatchObject({ code: 'member_cap_exceeded' });
    expect(journey.wait(1).deduct(100, undefined, by('anna'))).toBeNull();
    expect(rowOf(journey, 'anna')).toMatchObject({ month: '2026-04', used_credits: 100 });
  });

  test('is refused by the cap before it is refused for too few credits', () => {
    expect(capped().deduct(5_000, undefined, by('anna'))).toMatchObject({ code: 'member_cap_exceeded' });
    expect(capped().hold(5_000, undefined, by('anna'))).toMatchObject({ code: 'member_cap_exceeded' });
  });

  test('does not limit other members or services', () => {
    const journey = capped();
    expect(journey.deduct(300, 'use:ben', by('ben'))).toBeNull();
    expect(journey.entry('use:ben')?.member).toBe('ben');
    expect(rowOf(journey, 'ben')).toMatchObject({ monthly_credits: null, used_credits: 300 });
    expect(journey.deduct(300, 'use:service')).toBeNull();
    expect(journey.entry('use:service')).not.toHaveProperty('member');
    expect(rowOf(journey, 'anna')?.used_credits).toBe(0);
  });

  test('counts on an unlimited plan too', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.cap('anna', 100);
    expect(journey.deduct(60, 'use:k', by('anna'))).toBeNull();
    expect(journey.deduct(41, undefined, by('anna'))).toMatchObject({ code: 'member_cap_exceeded' });
    journey.refund('use:k', 50);
    expect(rowOf(journey, 'anna')?.used_credits).toBe(10);
    expect(journey.entries.at(-1)?.member).toBe('anna');
  });
});

describe('holds under a cap', () => {
  test('count with their whole amount while they are open', () => {
    const journey = capped();
    expect(journey.hold(70, 'h', by('anna'))).toBeNull();
    expect(journey.entry('hold:h')).not.toHaveProperty('member');
    expect(rowOf(journey, 'anna')?.used_credits).toBe(0);
    expect(journey.hold(31, undefined, by('anna'))).toMatchObject({ members: { required: 31, used_credits: 70 } });
    expect(journey.deduct(31, undefined, by('anna'))).toMatchObject({ members: { required: 31, used_credits: 70 } });
    expect(journey.deduct(30, undefined, by('anna'))).toBeNull();
    journey.release('h');
    expect(journey.deduct(70, undefined, by('anna'))).toBeNull();
  });

  test('count what they were settled for, for the member that opened them', () => {
    const journey = capped();
    journey.hold(70, 'h', by('anna'));
    expect(journey.settle('h', 50)).toBeNull();
    expect(journey.entry('settle:h')).toMatchObject({ member: 'anna', amount: -50 });
    expect(rowOf(journey, 'anna')?.used_credits).toBe(50);
  });

  test('can be settled for more up to the cap, less the other open holds', () => {
    const journey = capped();
    journey.hold(50, 'h', by('anna'));
    journey.hold(20, 'other', by('anna'));
    expect(journey.settle('h', 81)).toMatchObject({
      code: 'member_cap_exceeded',
      members: { required: 31, monthly_credits: 100, used_credits: 70 },
    });
    expect(journey.settle('h', 80)).toBeNull();
    expect(rowOf(journey, 'anna')?.used_credits).toBe(80);
  });

  test('can charge as much as the cap allows and name the shortfall', () => {
    const journey = capped();
    journey.hold(50, 'h', by('anna'));
    expect(journey.settle('h', 130, 'charge_available')).toBeNull();
    expect(journey.entry('settle:h')).toMatchObject({ amount: -100, shortfall_credits: 30 });
  });

  test('can always be settled for what they held, even if the cap was lowered since', () => {
    const journey = capped();
    journey.hold(50, 'h', by('anna'));
    journey.hold(50, 'other', by('anna'));
    journey.cap('anna', 10);
    expect(journey.settle('h', 51)).toMatchObject({
      code: 'member_cap_exceeded',
      members: { required: 1, monthly_credits: 10 },
    });
    expect(journey.settle('h', 50)).toBeNull();
    expect(journey.settle('other', 60, 'charge_available')).toBeNull();
    expect(journey.entry('settle:other')).toMatchObject({ amount: -50, shortfall_credits: 10 });
  });

  test('are refused for missing credits when the cap would allow more', () => {
    const journey = capped();
    journey.cap('anna', 5_000);
    journey.hold(50, 'h', by('anna'));
    expect(journey.settle('h', 1_001)).toMatchObject({
      code: 'insufficient_credits',
      members: { required: 951, available_credits: 950 },
    });
    journey.deduct(950);
    journey.cap('anna', 10);
    journey.settle('h', 51, 'charge_available');
    expect(journey.entry('settle:h')).toMatchObject({ amount: -50, shortfall_credits: 1 });
  });

  test('opened on an unlimited plan: the refusal names missing credits unless the held amount is exceeded', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.cap('anna', 2_000);
    journey.hold(1_500, 'h', { ...by('anna'), expires_in_s: 86_400 });
    journey.cap('anna', 10);
    journey.wait(1_000).snapshot({ plan: 'pro' });
    expect(journey.settle('h', 1_200)).toMatchObject({ code: 'insufficient_credits', members: { required: 1_200 } });
    expect(journey.settle('h', 1_500)).toMatchObject({ code: 'insufficient_credits', members: { required: 1_500 } });
    expect(journey.settle('h', 1_501)).toMatchObject({ code: 'member_cap_exceeded', members: { required: 1 } });
  });
});

describe('refunds under a cap', () => {
  test('give the budget back for a charge of the same month', () => {
    const journey = capped();
    journey.deduct(60, 'use:k', by('anna'));
    journey.refund('use:k', 20);
    expect(journey.entries.at(-1)).toMatchObject({ transaction_type: 'refund', member: 'anna' });
    expect(rowOf(journey, 'anna')?.used_credits).toBe(40);
  });

  test('give nothing back for a charge of an earlier month', () => {
    const journey = capped();
    journey.deduct(60, 'use:k', by('anna'));
    journey.to('2026-04-01T00:00:00Z').deduct(30, undefined, by('anna'));
    journey.refund('use:k');
    expect(journey.entries.at(-1)).toMatchObject({ transaction_type: 'refund', amount: 60 });
    expect(journey.entries.at(-1)).not.toHaveProperty('member');
    expect(rowOf(journey, 'anna')).toMatchObject({ month: '2026-04', used_credits: 30 });
  });

  test('give nothing back for a charge from before members were counted', () => {
    const journey = new Journey(now);
    journey.deduct(60, 'use:k', by('anna'));
    journey.cap('anna', 100);
    journey.deduct(10, undefined, by('anna'));
    journey.refund('use:k');
    expect(rowOf(journey, 'anna')?.used_credits).toBe(10);
  });
});

test('every decision about a member’s spending first asks for the member’s row', () => {
  const journey = capped();
  journey.deduct(60, 'use:k', by('anna'));
  journey.hold(10, 'h', by('anna'));
  const { account, now: at } = journey;
  const unread = { ...account, rows: { ...account.rows, members: [] } };
  const entry = journey.entry('use:k') ?? null;
  const refunded = {
    ...unread.rows,
    evidence: [{ entry_id: 'use:k', entry }],
    refunded: [{ entry_id: 'use:k', refunded_credits: 0 }],
  };
  const said = { fingerprint: 'f', description: '', actor: 'anna', user: null, amount: 1, member: 'anna' };
  const decisions = [
    decideDeduct({ ...said, entry_id: 'use:l' })(presentOf(unread, catalog, at)),
    decideHold({ ...said, hold_id: 'i', expires_in_s: 60 })(presentOf(unread, catalog, at)),
    decideSettle({ ...said, hold_id: 'h', if_insufficient: 'reject' })(presentOf(unread, catalog, at)),
    decideRefund({ ...said, entry_id: 'refund:k', refunds: 'use:k' })(
      presentOf({ ...unread, rows: refunded }, catalog, at),
    ),
  ];
  expect(decisions).toEqual(decisions.map(() => ({ asks: { kind: 'member', id: 'anna' } })));
});
