import { expect, test } from 'vitest';
import { newAccount } from '../../shared/domain/account.ts';
import { decideCustomer } from '../../shared/domain/decide-customer.ts';
import { catalog, instant, Journey } from './fixtures.ts';

test('the customer is remembered, and the first one stays', () => {
  const journey = new Journey('2026-03-01T00:00:00Z');
  journey.commit((account, now) => decideCustomer(account, 'cus_1', catalog, now));
  journey.commit((account, now) => decideCustomer(account, 'cus_2', catalog, now));
  expect(journey.account.stripe_customer_id).toBe('cus_1');
  expect(journey.entries).toHaveLength(1);
});

test('an account nobody has seen begins with it', () => {
  const now = instant('2026-03-01T00:00:00Z');
  const decision = decideCustomer(newAccount('u_1', catalog, now), 'cus_1', catalog, now);
  expect(decision).toMatchObject({ draft: { entries: [{ transaction_type: 'reset' }] } });
});
