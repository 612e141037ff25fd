import type { Ask } from './asks.ts';
import { toCanary } from './canary.ts';

/**
 * What is done to each account first, by its id and owner: it leaves a canary in everything that an
 * account has.
 */
export function opening(owners: ReadonlyMap<string, string>): Ask[] {
  const listing: Ask = {
    caller: 'service',
    method: 'GET',
    target: '/api/admin/stripe-events?limit=2',
    headers: [],
    body: null,
  };
  const done = [...owners].flatMap(([account_id, owner]) => {
    const description = toCanary(owner, 'description');
    const feature = toCanary(owner, 'feature');
    const key = toCanary(owner, 'key');
    const post = (path: string, body: object): Ask => ({
      caller: 'service',
      method: 'POST',
      target: `/api/accounts/${account_id}/${path}`,
      headers: [
        ['Content-Type', 'application/json'],
        ['Idempotency-Key', key],
      ],
      body: JSON.stringify(body),
    });
    const put = (path: string, body: object): Ask => ({ ...post(path, body), method: 'PUT' });
    return [
      post('credits/grants', { amount: 400, description }),
      post('credits/deduct', { amount: 3, description, feature }),
      post('credits/deduct', { amount: 2, description }),
      post('credits/holds', { amount: 20, description, feature }),
      put(`members/${toCanary(owner, 'member')}/cap`, { monthly_credits: 100 }),
      put(`features/${feature}`, { allowed: true }),
      post('usage', { feature }),
      post('billing/checkout', { plan: 'pro' }),
    ].map((ask, index) => (index === 2 ? { ...ask, headers: ask.headers.slice(0, 1) } : ask));
  });
  return [listing, ...done];
}
