import { expect, test } from 'vitest';
import { functionBundle } from '../../infra/function-bundles.ts';
import config from '../billing.config.ts';

test.each(['credits', 'access', 'resets-dispatcher', 'resets-worker'] as const)(
  '%s does not talk to Stripe and does not contain its SDK',
  (name) => {
    expect(functionBundle(name).packages.map((contained) => contained.name)).not.toContain('stripe');
  },
);

test('the function of deductions stays under 420 KB', () => {
  expect(functionBundle('credits').code.byteLength).toBeLessThan(420_000);
});

test('a bundle contains the checked configuration as data, without its schema', () => {
  const code = Buffer.from(functionBundle('credits').code).toString();
  expect(code).toContain(config.app_url[0]);
  expect(code).not.toContain('must be lower-case letters, digits and _');
});
