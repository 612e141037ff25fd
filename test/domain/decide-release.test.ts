import { describe, expect, test } from 'vitest';
import { decideRelease } from '../../shared/domain/spend/decide-release.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { hour_ms } from '../../shared/domain/units.ts';
import { catalog, instant, Journey } from './fixtures.ts';

const begun_at = instant('2026-03-01T00:00:00Z');

function held(): Journey {
  const journey = new Journey(begun_at);
  journey.bonus(40, { priority: 10, expires_at: begun_at + 600_000 });
  journey.hold(60, 'h', { description: 'a video', feature: 'ads' });
  return journey;
}

describe('release a hold', () => {
  test('frees all its credits, in one entry that moves nothing', () => {
    const journey = held().wait(5_000);
    expect(journey.release('h')).toBeNull();
    expect(journey.entries.at(-1)).toEqual({
      entry_id: 'release:h',
      transaction_type: 'release',
      description: 'released: a video',
      created_at: begun_at + 5_000,
      actor: 'u_1',
      fingerprint: null,
      hold_id: 'h',
      held_credits: 60,
      account_id: 'u_1',
      seq: 4,
      amount: 0,
      balance_after: 140,
      lots: [],
      hash: journey.account.head_hash,
    });
    expect(journey.account.holds).toEqual([]);
    expect(journey.account.lots).toMatchObject([
      { remaining: 100, held: 0 },
      { remaining: 40, held: 0 },
    ]);
  });

  test('succeeds when a grant expires at the same moment', () => {
    const journey = held();
    journey.bonus(5, { expires_at: begun_at + 5_000 });
    const { seq } = journey.account;
    journey.wait(5_000).release('h');
    expect(journey.entries.slice(seq).map(({ entry_id }) => entry_id)).toEqual(['expire:lot_4', 'release:h']);
    expect(journey.account.holds).toEqual([]);
  });

  test.each([
    ['a service', null, 'the user', 'ann'],
    ['a user', 'ann', 'another user', 'ben'],
  ])('of a hold that %s (%s) opened is refused when %s (%s) asks: hold_of_another', (_, opener, __, user) => {
    const journey = new Journey(begun_at);
    journey.hold(60, 'h', { user: opener });
    expect(journey.release('h', user)).toMatchObject({ code: 'hold_of_another' });
    expect(journey.account.holds).toHaveLength(1);
    expect(journey.release('h', opener)).toBeNull();
  });

  test('of the hold of a user by a service succeeds', () => {
    const journey = new Journey(begun_at);
    journey.hold(60, 'h', { user: 'ann' });
    expect(journey.release('h')).toBeNull();
  });

  test('leaves other holds as they are', () => {
    const journey = held();
    journey.hold(10, 'h_2');
    journey.release('h');
    expect(journey.account.holds.map(({ id }) => id)).toEqual(['h_2']);
    expect(journey.monthly?.held).toBe(10);
  });

  test('of credits in an ended lot: they are lost at once, in an entry named after the hold', () => {
    const journey = held().wait(600_000).roll();
    expect(journey.lot('lot_2')).toMatchObject({ remaining: 40, held: 40, is_closed: true });
    const { seq } = journey.account;
    journey.wait(1_000).release('h');
    expect(journey.entries.slice(seq)).toMatchObject([
      { entry_id: 'release:h', amount: 0, balance_after: 140, held_credits: 60 },
      {
        entry_id: 'expire:h',
        transaction_type: 'expire',
        description: 'the lot had ended before these credits came free',
        created_at: journey.now,
        actor: 'system',
        fingerprint: null,
        amount: -40,
        balance_after: 100,
        lots: [{ id: 'lot_2', kind: 'bonus', amount: -40 }],
      },
    ]);
    expect(journey.account.lots).toMatchObject([{ id: 'lot_1', remaining: 100, held: 0 }]);
  });

  test('is booked after what has expired meanwhile', () => {
    const journey = held();
    journey.bonus(5, { expires_at: begun_at + 1_000 });
    journey.wait(1_000).release('h');
    expect(journey.entries.slice(-2)).toMatchObject([{ entry_id: 'expire:lot_4' }, { entry_id: 'release:h' }]);
    expect(journey.account.holds).toEqual([]);
  });

  test('by a slower clock is booked at the account’s time', () => {
    const journey = held().wait(-300_000);
    journey.release('h');
    expect(journey.entries.at(-1)?.created_at).toBe(begun_at);
  });
});

describe('release a hold that is not open', () => {
  test('one that expires just now was freed by the system, in the same entry', () => {
    const journey = held().wait(hour_ms);
    expect(journey.release('h')).toBeNull();
    expect(journey.entry('release:h')).toMatchObject({
      actor: 'system',
      description: 'expired: a video',
      created_at: begun_at + hour_ms,
      fingerprint: null,
      hold_id: 'h',
      held_credits: 60,
    });
    expect(journey.entries.filter(({ entry_id }) => entry_id === 'release:h')).toHaveLength(1);
  });

  test('one millisecond before its expiry it is the caller who releases it', () => {
    const journey = held().wait(hour_ms - 1);
    journey.release('h');
    expect(journey.entry('release:h')).toMatchObject({ actor: 'u_1' });
  });

  test('asks the ledger whether the hold ever existed', () => {
    const { account, now } = held();
    const decided = decideRelease({ hold_id: 'other', actor: 'u_1', user: null })(presentOf(account, catalog, now));
    expect(decided).toEqual({ asks: { kind: 'entry', id: 'hold:other' } });
  });

  test('one that never existed is not found', () => {
    const refused = held().release('other');
    expect(refused).toMatchObject({ code: 'hold_not_found' });
    expect(refused?.message).toBe('the account has no hold with this id');
  });

  test('one that was settled is closed', () => {
    const journey = held();
    journey.settle('h', 10);
    const refused = journey.release('h');
    expect(refused).toMatchObject({ code: 'hold_closed' });
    expect(refused?.message).toBe('the hold h is no longer open: it was settled or released, or it has expired');
  });
});
