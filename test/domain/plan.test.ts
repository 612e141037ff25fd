import { expect, test } from 'vitest';
import { PlanNotConfigured, planHasFeature, planOf, plansWithFeature } from '../../shared/domain/plan.ts';
import { catalog } from './fixtures.ts';

test('a plan is found by its name, and one that was removed is named', () => {
  expect(planOf(catalog, 'pro').monthly_credits).toBe(1_000);
  expect(() => planOf(catalog, 'gold')).toThrow(PlanNotConfigured);
  expect(() => planOf(catalog, 'gold')).toThrow('plan "gold" is not in the configuration');
});

test('a feature is the plan’s when it is listed, or when all are', () => {
  expect(planHasFeature(planOf(catalog, 'pro'), 'scheduling')).toBe(true);
  expect(planHasFeature(planOf(catalog, 'pro'), 'sched')).toBe(false);
  expect(planHasFeature(planOf(catalog, 'ultimate'), 'anything')).toBe(true);
});

test('the plans that have a feature come cheapest first', () => {
  expect(plansWithFeature(catalog, 'ads')).toEqual(['pro_plus', 'ultimate']);
  expect(plansWithFeature(catalog, 'analytics')).toEqual(['free', 'pro', 'pro_plus', 'ultimate']);
  expect(plansWithFeature(catalog, 'nowhere')).toEqual(['ultimate']);
});
