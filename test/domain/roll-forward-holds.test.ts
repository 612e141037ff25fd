import { describe, expect, test } from 'vitest';
import { newAccount } from '../../shared/domain/account/account.ts';
import { dueAt, rollForward } from '../../shared/domain/time/roll-forward.ts';
import { day_ms, hour_ms, toIso } from '../../shared/domain/units.ts';
import { catalog, instant, Journey } from './fixtures.ts';

const dueOf = ({ account }: Journey) => toIso(dueAt(account, catalog) ?? 0);

describe('roll forward with open holds', () => {
  test('a hold expires at its moment and frees its credits, and the next due moment is set', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.hold(30, 'h_1', { expires_in_s: 120 });
    journey.hold(20, 'h_2', { expires_in_s: 60, description: 'a song' });
    expect(dueOf(journey)).toBe('2026-03-01T00:01:00.000Z');
    journey.wait(59_999).roll();
    expect(journey.account.holds).toHaveLength(2);
    const { seq } = journey.account;
    journey.wait(1).roll();
    expect(journey.entries.slice(seq)).toMatchObject([
      {
        entry_id: 'release:h_2',
        transaction_type: 'release',
        description: 'expired: a song',
        created_at: journey.now,
        actor: 'system',
        fingerprint: null,
        hold_id: 'h_2',
        held_credits: 20,
        amount: 0,
        lots: [],
      },
    ]);
    expect(journey.monthly?.held).toBe(30);
    expect(dueOf(journey)).toBe('2026-03-01T00:02:00.000Z');
  });

  test('at one moment: holds expire, then lots, then the monthly lot closes, then the period opens', () => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-03-31T23:00:00Z');
    const at = instant('2026-04-01T00:00:00Z');
    journey.bonus(10, { expires_at: at, priority: 10 });
    journey.hold(30, 'h');
    const { seq } = journey.account;
    journey.wait(hour_ms).roll();
    expect(journey.entries.slice(seq).map(({ entry_id, amount }) => [entry_id, amount])).toEqual([
      ['release:h', 0],
      ['expire:lot_2', -10],
      ['expire:lot_1', -100],
      ['reset:2026-04-01T00:00:00.000Z', 100],
    ]);
    expect(journey.entries.slice(seq).every((entry) => entry.created_at === at)).toBe(true);
  });

  test('a lot that expires under a hold loses its free part; the rest when the hold expires', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.bonus(50, { expires_at: instant('2026-03-01T00:30:00Z'), priority: 10 });
    journey.hold(20, 'h');
    journey.to('2026-03-01T00:30:00Z').roll();
    expect(journey.entries.at(-1)).toMatchObject({ entry_id: 'expire:lot_2', amount: -30 });
    expect(journey.lot('lot_2')).toMatchObject({ remaining: 20, held: 20, is_closed: true });
    expect(journey.deduct(101)).toMatchObject({ members: { available_credits: 100 } });
    expect(dueOf(journey)).toBe('2026-03-01T01:00:00.000Z');
    journey.to('2026-03-01T02:00:00Z').roll();
    expect(journey.entries.slice(-2)).toMatchObject([
      { entry_id: 'release:h', held_credits: 20, created_at: instant('2026-03-01T01:00:00Z') },
      { entry_id: 'expire:h', amount: -20, created_at: instant('2026-03-01T01:00:00Z') },
    ]);
    expect(journey.lot('lot_2')).toBeUndefined();
  });

  test('a lot that is wholly held closes without an entry', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.bonus(20, { expires_at: instant('2026-03-01T00:30:00Z'), priority: 10 });
    journey.hold(20, 'h');
    const { seq } = journey.account;
    journey.to('2026-03-01T00:30:00Z').roll();
    expect(journey.account.seq).toBe(seq);
    expect(journey.lot('lot_2')).toMatchObject({ remaining: 20, held: 20, is_closed: true });
    expect(dueOf(journey)).toBe('2026-03-01T01:00:00.000Z');
  });

  test('the monthly lot closes under a hold, and the next period has its full allowance', () => {
    const journey = new Journey('2026-03-01T00:30:00Z').to('2026-04-01T00:00:00Z');
    journey.hold(60, 'h');
    journey.to('2026-04-01T00:30:00Z').roll();
    expect(
      journey.entries.slice(2).map((entry) => [entry.transaction_type, entry.amount, toIso(entry.created_at)]),
    ).toEqual([
      ['expire', -40, '2026-04-01T00:30:00.000Z'],
      ['reset', 100, '2026-04-01T00:30:00.000Z'],
    ]);
    expect(journey.account.lots).toMatchObject([
      { id: 'lot_1', remaining: 60, held: 60, is_closed: true },
      { id: 'lot_4', remaining: 100, held: 0, is_closed: false },
    ]);
    expect(journey.account.period.opened_seq).toBe(3);
  });
});

describe('roll forward in slices', () => {
  const late = () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    for (const days of [1, 2, 3, 4]) journey.bonus(days, { expires_at: journey.now + days * day_ms });
    return { account: journey.account, now: journey.now + 40 * day_ms };
  };

  test('a slice ends at the step that reaches the given number of entries', () => {
    const { account, now } = late();
    const slice = rollForward(account, catalog, now, 3);
    expect(slice.entries.map(({ amount }) => amount)).toEqual([-1, -2, -3]);
    expect(slice.account.updated_at).toBe(account.created_at + 3 * day_ms);
    const rest = rollForward(slice.account, catalog, now, 4);
    expect(rest.entries.map(({ amount }) => amount)).toEqual([-4, -100, 100]);
    expect([...slice.entries, ...rest.entries]).toEqual(rollForward(account, catalog, now).entries);
  });

  test('a step is not cut in two', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.bonus(20, { expires_at: journey.now + 1_000, priority: 10 });
    journey.hold(20, 'h');
    journey.wait(1_000).roll();
    const slice = rollForward(journey.account, catalog, journey.now + day_ms, 1);
    expect(slice.entries.map(({ entry_id }) => entry_id)).toEqual(['release:h', 'expire:h']);
  });

  test('a new account’s first period is a step', () => {
    const now = instant('2026-03-01T00:00:00Z');
    const slice = rollForward(newAccount('u_1', catalog, now), catalog, now + 40 * day_ms, 1);
    expect(slice.entries).toMatchObject([{ transaction_type: 'reset', created_at: now }]);
  });
});
