import { expect, test } from 'vitest';
import { packPrices, planPrices } from '../../shared/config/prices.ts';
import billing from '../billing.config.ts';

test('each price of each plan has its lookup key; the free plan has none', () => {
  expect(planPrices(billing).map(({ lookup_key, amount }) => [lookup_key, amount])).toEqual([
    ['pro_month', 2_900],
    ['pro_year', 29_000],
    ['pro_plus_month', 9_900],
    ['pro_plus_year', 99_000],
    ['ultimate_month', 29_900],
    ['ultimate_year', 299_000],
  ]);
  expect(planPrices(billing)[0]).toEqual({ lookup_key: 'pro_month', plan: 'pro', interval: 'month', amount: 2_900 });
});

test('each pack has its lookup key', () => {
  expect(packPrices(billing)).toEqual([
    { lookup_key: 'pack_small', pack: 'small', credits: 500, amount: 1_500 },
    { lookup_key: 'pack_large', pack: 'large', credits: 5_000, amount: 12_000 },
  ]);
});

test('a plan sold only by the year has one price', () => {
  const pro = billing.plans.pro;
  if (pro === undefined) throw new Error('the example has a plan pro');
  const config = { ...billing, plans: { pro: { ...pro, prices: { year: 100 } } } };
  expect(planPrices(config).map(({ lookup_key }) => lookup_key)).toEqual(['pro_year']);
});

test('no two prices share a lookup key', () => {
  const keys = [...planPrices(billing), ...packPrices(billing)].map(({ lookup_key }) => lookup_key);
  expect(new Set(keys).size).toBe(keys.length);
});
