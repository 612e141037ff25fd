import { expect, test } from 'vitest';
import { PlanNotConfigured, planHasFeature, planOf, plansWithFeature } from '../../shared/domain/plan.ts';
import { catalog } from './fixtures.ts';

test('a plan is found by its id; a removed one is named in the error', () => {
  expect(planOf(catalog, 'pro').monthly_credits).toBe(1_000);
  expect(() => planOf(catalog, 'gold')).toThrow(PlanNotConfigured);
  expect(() => planOf(catalog, 'gold')).toThrow('plan "gold" is not in the configuration');
});

test('a plan has a feature if it lists it, or lists all', () => {
  expect(planHasFeature(planOf(catalog, 'pro'), 'scheduling')).toBe(true);
  expect(planHasFeature(planOf(catalog, 'pro'), 'sched')).toBe(false);
  expect(planHasFeature(planOf(catalog, 'ultimate'), 'anything')).toBe(true);
});

test('plans with a feature are listed cheapest first', () => {
  expect(plansWithFeature(catalog, 'ads')).toEqual(['pro_plus', 'ultimate']);
  expect(plansWithFeature(catalog, 'analytics')).toEqual(['free', 'pro', 'pro_plus', 'ultimate']);
  expect(plansWithFeature(catalog, 'nowhere')).toEqual(['ultimate']);
});
