import { describe, expect, test } from 'vitest';
import { featurePlan, featuresOf, hasFeature, requiredPlans } from '../../shared/domain/access/features.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { catalog, Journey, pro_paid_through, proJourney } from './fixtures.ts';

const planAt = ({ account }: Journey, at: number) => featurePlan(account, catalog, at).id;

describe('an account has the features of', () => {
  test('the free plan without a subscription, and until it is paid', () => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-03-10T12:00:00Z');
    expect(planAt(journey, journey.now)).toBe('free');
    journey.snapshot();
    expect(planAt(journey, journey.now)).toBe('free');
  });

  test('the subscription’s plan while it is in force', () => {
    const { account, now } = proJourney();
    expect(hasFeature(account, catalog, 'scheduling', now)).toBe(true);
    expect(hasFeature(account, catalog, 'ads', now)).toBe(false);
  });

  test.each(['active', 'past_due'])('the plan for seven days more when its renewal is not paid (%s)', (status) => {
    const journey = proJourney();
    journey.to('2026-04-10T12:00:00Z');
    journey.snapshot({ status });
    const end = pro_paid_through + 7 * day_ms;
    expect([end - 1, end].map((at) => planAt(journey, at))).toEqual(['pro', 'free']);
    journey.paid('2026-05-10T12:00:00Z');
    expect(planAt(journey, end)).toBe('pro');
  });

  test.each(['unpaid', 'paused', 'incomplete', 'incomplete_expired', 'canceled', 'a word of next year'])(
    'the free plan when the subscription is %s',
    (status) => {
      const journey = proJourney();
      journey.wait(1_000);
      journey.snapshot({ status });
      expect(planAt(journey, journey.now)).toBe('free');
      expect(hasFeature(journey.account, catalog, 'scheduling', journey.now)).toBe(false);
      expect(hasFeature(journey.account, catalog, 'analytics', journey.now)).toBe(true);
    },
  );

  test('a plan with all features, including those added later', () => {
    const { account, now } = proJourney({ plan: 'ultimate' });
    expect(hasFeature(account, catalog, 'a_feature_of_next_year', now)).toBe(true);
  });

  test('the new plan at once after a plan change', () => {
    const journey = proJourney();
    journey.wait(1_000);
    journey.snapshot({ plan: 'pro_plus' });
    expect(hasFeature(journey.account, catalog, 'ads', journey.now)).toBe(true);
  });
});

describe('a feature override', () => {
  const journey = new Journey('2026-03-01T00:00:00Z');
  const { now } = journey;
  journey.override('beta', { allowed: true, expires_at: now + 1_000 });
  journey.override('analytics', { allowed: false, expires_at: now + 1_000 });

  test('grants or denies a feature against the plan, until it expires', () => {
    const has = (at: number) =>
      ['basic_posts', 'analytics', 'beta', 'ads'].filter((feature) =>
        hasFeature(journey.account, catalog, feature, at),
      );
    expect(has(now + 999)).toEqual(['basic_posts', 'beta']);
    expect(has(now + 1_000)).toEqual(['basic_posts', 'analytics']);
  });

  test('adds its feature to the list of all that a plan or an override names', () => {
    expect(featuresOf(journey.account, catalog, now + 999)).toEqual({ all: false, features: ['basic_posts', 'beta'] });
    expect(featuresOf(journey.account, catalog, now + 1_000)).toEqual({
      all: false,
      features: ['basic_posts', 'analytics'],
    });
  });

  test('that denies: no plan opens the feature; that grants: plans with the feature still count', () => {
    const plansFor = (feature: string, at = now) => requiredPlans(journey.account, catalog, feature, at);
    expect(plansFor('analytics')).toEqual([]);
    expect(plansFor('analytics', now + 1_000)).toEqual(['free', 'pro', 'pro_plus', 'ultimate']);
    expect(plansFor('ads')).toEqual(['pro_plus', 'ultimate']);
    expect(plansFor('beta')).toEqual(['ultimate']);
  });

  test('on a plan with all features: all, except those it denies', () => {
    const ultimate = proJourney({ plan: 'ultimate' });
    expect(featuresOf(ultimate.account, catalog, ultimate.now)).toEqual({
      all: true,
      features: ['basic_posts', 'analytics', 'scheduling', 'ads'],
    });
    ultimate.override('beta', { allowed: true, expires_at: null });
    expect(featuresOf(ultimate.account, catalog, ultimate.now)).toMatchObject({ all: true });
    ultimate.override('ads', { allowed: false, expires_at: ultimate.now + 1 });
    expect(featuresOf(ultimate.account, catalog, ultimate.now)).toEqual({
      all: false,
      features: ['basic_posts', 'analytics', 'scheduling', 'beta'],
    });
    expect(featuresOf(ultimate.account, catalog, ultimate.now + 1)).toMatchObject({ all: true });
  });
});
