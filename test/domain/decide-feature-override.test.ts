import { describe, expect, test } from 'vitest';
import { hasFeature } from '../../shared/domain/access/features.ts';
import { isInEffect } from '../../shared/domain/account/feature-override.ts';
import { catalog, instant, Journey } from './fixtures.ts';

const now = instant('2026-03-01T00:00:00Z');
const has = ({ account, now: at }: Journey, feature: string) => hasFeature(account, catalog, feature, at);

test('an override is in effect until it expires, or for ever', () => {
  const override = { feature: 'ads', allowed: true, expires_at: now };
  expect([now - 1, now].map((at) => isInEffect(override, at))).toEqual([true, false]);
  expect(isInEffect({ ...override, expires_at: null }, now + 1e12)).toBe(true);
});

describe('a feature override', () => {
  test('wins over the plan until it expires, and writes no entry', () => {
    const journey = new Journey(now);
    const { seq } = journey.account;
    expect(journey.override('ads', { allowed: true, expires_at: now + 1_000 })).toBeNull();
    journey.override('analytics', { allowed: false, expires_at: null });
    expect(journey.account.seq).toBe(seq);
    expect(journey.account.overrides).toEqual([
      { feature: 'ads', allowed: true, expires_at: now + 1_000 },
      { feature: 'analytics', allowed: false, expires_at: null },
    ]);
    journey.wait(999);
    expect([has(journey, 'ads'), has(journey, 'analytics')]).toEqual([true, false]);
    journey.wait(1);
    expect([has(journey, 'ads'), has(journey, 'analytics')]).toEqual([false, false]);
  });

  test('is replaced by the next for the same feature, and removed by null', () => {
    const journey = new Journey(now);
    journey.override('beta', { allowed: true, expires_at: null });
    journey.override('ads', { allowed: true, expires_at: null });
    journey.override('ads', { allowed: false, expires_at: null });
    expect(journey.account.overrides).toMatchObject([
      { feature: 'beta', allowed: true },
      { feature: 'ads', allowed: false },
    ]);
    journey.override('beta', null);
    journey.override('none', null);
    expect(journey.account.overrides).toMatchObject([{ feature: 'ads' }]);
  });

  test('is refused if it would have expired already; one millisecond later it is accepted', () => {
    const journey = new Journey(now).wait(-300_000);
    expect(journey.override('ads', { allowed: true, expires_at: now })).toMatchObject({ code: 'expiry_in_past' });
    expect(journey.override('ads', { allowed: true, expires_at: now + 1 })).toBeNull();
  });

  test('is refused beyond a hundred; expired ones do not count and are dropped', () => {
    const journey = new Journey(now);
    const expires_at = now + 1_000;
    for (let nth = 1; nth <= 100; nth += 1) {
      expect(journey.override(`f_${nth}`, { allowed: true, expires_at: nth === 1 ? expires_at : null })).toBeNull();
    }
    const refused = journey.override('f_101', { allowed: true, expires_at: null });
    expect(refused).toMatchObject({ code: 'too_many_overrides' });
    expect(refused?.message).toContain('100 feature overrides');
    expect(journey.override('f_100', { allowed: false, expires_at: null })).toBeNull();
    journey.wait(1_000);
    expect(journey.override('f_101', { allowed: true, expires_at: null })).toBeNull();
    expect(journey.account.overrides.map(({ feature }) => feature)).not.toContain('f_1');
    expect(journey.account.overrides).toHaveLength(100);
  });

  test('brings the account to now', () => {
    const journey = new Journey(now).to('2026-04-01T00:00:00Z');
    journey.override('ads', null);
    expect(journey.account.period.index).toBe(1);
  });
});
