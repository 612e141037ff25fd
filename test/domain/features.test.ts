import { describe, expect, test } from 'vitest';
import { featurePlan, hasFeature } from '../../shared/domain/features.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { catalog, Journey, pro_paid_through, proJourney } from './fixtures.ts';

const planAt = ({ account }: Journey, at: number) => featurePlan(account, catalog, at).id;

describe('features are those of', () => {
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

  test.each(['active', 'past_due'])('the plan of a renewal that is not paid (%s) for seven days more', (status) => {
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

  test('the plan that has everything, also what comes later', () => {
    const { account, now } = proJourney({ plan: 'ultimate' });
    expect(hasFeature(account, catalog, 'a_feature_of_next_year', now)).toBe(true);
  });

  test('a plan change at once', () => {
    const journey = proJourney();
    journey.wait(1_000);
    journey.snapshot({ plan: 'pro_plus' });
    expect(hasFeature(journey.account, catalog, 'ads', journey.now)).toBe(true);
  });
});
