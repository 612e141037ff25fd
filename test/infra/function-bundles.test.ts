import { expect, test } from 'vitest';
import { functionBundle } from '../../infra/function-bundles.ts';

test.each(['credits', 'access', 'resets-dispatcher', 'resets-worker'] as const)(
  '%s, which does not talk to Stripe, does not contain its SDK',
  (name) => {
    expect(functionBundle(name).packages.map((contained) => contained.name)).not.toContain('stripe');
  },
);

test('the function of every deduction stays under 450 KB', () => {
  expect(functionBundle('credits').code.byteLength).toBeLessThan(450_000);
});
