import { describe, expect, test } from 'vitest';
import { availableIn } from '../../shared/domain/ledger/lot.ts';
import { decideGrant } from '../../shared/domain/spend/decide-grant.ts';
import { balance_max } from '../../shared/domain/units.ts';
import { instant, Journey } from './fixtures.ts';

const now = instant('2026-03-01T00:00:00Z');

describe('grant', () => {
  test('writes one entry and a bonus lot with its own expiry and priority', () => {
    const journey = new Journey(now).wait(5_000);
    const grant = {
      entry_id: 'grant:k1',
      fingerprint: 'f1',
      amount: 30,
      description: 'a friend came',
      expires_at: now + 90_000,
      priority: 7,
      actor: 'crm',
    };
    journey.commit(decideGrant(grant));
    expect(journey.entries.at(-1)).toEqual({
      entry_id: 'grant:k1',
      transaction_type: 'bonus',
      description: 'a friend came',
      created_at: now + 5_000,
      actor: 'crm',
      fingerprint: 'f1',
      account_id: 'u_1',
      seq: 2,
      amount: 30,
      balance_after: 130,
      lots: [{ id: 'lot_2', kind: 'bonus', amount: 30 }],
      hash: journey.account.head_hash,
    });
    expect(journey.lot('lot_2')).toEqual({
      id: 'lot_2',
      kind: 'bonus',
      amount: 30,
      remaining: 30,
      held: 0,
      priority: 7,
      expires_at: now + 90_000,
      created_at: now + 5_000,
      is_closed: false,
    });
  });

  test('without an expiry lasts for ever', () => {
    const journey = new Journey(now);
    expect(journey.bonus(30)).toBeNull();
    journey.to('2046-03-01T00:00:00Z').roll();
    expect(journey.lot('lot_2')?.remaining).toBe(30);
  });

  test('is refused if it would have expired already; one millisecond later it is accepted', () => {
    const journey = new Journey(now);
    const refused = journey.bonus(30, { expires_at: now });
    expect(refused).toMatchObject({ code: 'expiry_in_past', message: 'must lie in the future' });
    expect(journey.bonus(30, { expires_at: now + 1 })).toBeNull();
  });

  test('by a slower clock is booked at the account’s time', () => {
    const journey = new Journey(now).wait(-300_000);
    expect(journey.bonus(30, { expires_at: now })).toMatchObject({ code: 'expiry_in_past' });
    journey.bonus(30);
    expect(journey.entries.at(-1)?.created_at).toBe(now);
  });
});

describe('limits of grants', () => {
  test('up to 2^52 credits per account, with its allowance', () => {
    const journey = new Journey(now);
    const refused = journey.bonus(balance_max - 99);
    expect(refused).toMatchObject({ code: 'credits_out_of_range', members: { most: balance_max - 100 } });
    expect(refused?.message).toContain(`at most ${balance_max - 100}`);
    expect(journey.bonus(balance_max - 100)).toBeNull();
    expect(journey.bonus(1)).toMatchObject({ members: { most: 0 } });
    expect(availableIn(journey.account.lots)).toBe(2 ** 52);
  });

  test('nothing more once the allowance has brought the account above 2^52', () => {
    const journey = new Journey(now);
    journey.deduct(100);
    journey.bonus(balance_max);
    journey.to('2026-04-01T00:00:00Z');
    expect(journey.bonus(1)).toMatchObject({ members: { most: 0 } });
  });

  test('up to a hundred grants with credits left; other lots do not count', () => {
    const journey = new Journey(now);
    journey.grant({ amount: 5, kind: 'purchase' });
    for (let nth = 1; nth <= 100; nth += 1) expect(journey.bonus(1, { priority: 60 })).toBeNull();
    const refused = journey.bonus(1);
    expect(refused).toMatchObject({ code: 'too_many_lots' });
    expect(refused?.message).toContain('100 grants');
    expect(journey.deduct(106)).toBeNull();
    expect(journey.bonus(1)).toBeNull();
  });

  test('another grant is accepted at the moment when the oldest expires', () => {
    const journey = new Journey(now);
    for (let nth = 1; nth <= 100; nth += 1) journey.bonus(1, { expires_at: now + 1_000 * nth });
    journey.wait(999);
    expect(journey.bonus(1)).toMatchObject({ code: 'too_many_lots' });
    journey.wait(1);
    expect(journey.bonus(1)).toBeNull();
  });
});
