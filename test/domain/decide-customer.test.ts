import { describe, expect, test } from 'vitest';
import { newAccount } from '../../shared/domain/account/account.ts';
import { decideCustomer, decideCustomerDeleted } from '../../shared/domain/billing/decide-customer.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { catalog, instant, Journey, pro, proJourney } from './fixtures.ts';

test('the first Stripe customer is remembered and stays', () => {
  const journey = new Journey('2026-03-01T00:00:00Z');
  journey.commit(decideCustomer('cus_1'));
  journey.commit(decideCustomer('cus_2'));
  expect(journey.account.stripe_customer_id).toBe('cus_1');
  expect(journey.entries).toHaveLength(1);
});

test('a new account begins with its Stripe customer', () => {
  const now = instant('2026-03-01T00:00:00Z');
  const decision = decideCustomer('cus_1')(presentOf(newAccount('u_1', catalog, now), catalog, now));
  expect(decision).toMatchObject({ draft: { entries: [{ transaction_type: 'reset' }] } });
});

describe('a Stripe customer is deleted', () => {
  const afterDeleting = (...customers: string[]) => {
    const journey = proJourney();
    for (const customer of customers) {
      journey.commit(decideCustomerDeleted(customer));
    }
    return journey;
  };

  test('the subscription ends, and later events do not bring it back', () => {
    const journey = afterDeleting('cus_1');
    expect(journey.account).toMatchObject({
      stripe_customer_id: null,
      former_customers: ['cus_1'],
      subscription: { ...pro, status: 'canceled' },
      period: { plan: 'free', stripe_subscription_id: null },
    });
    expect(journey.snapshot({ snapshot_at: pro.snapshot_at + 60_000 })).toMatchObject({ code: 'stale_snapshot' });
    expect(afterDeleting('cus_1', 'cus_1').account).toEqual({
      ...journey.account,
      version: journey.account.version + 1,
    });
  });

  test('only the subscription of that customer ends, not that of the next one', () => {
    const journey = afterDeleting('cus_1');
    const next = { stripe_subscription_id: 'sub_2', snapshot_at: pro.snapshot_at + 60_000 };
    journey.commit(decideCustomer('cus_2'));
    expect(journey.snapshot(next)).toBeNull();
    journey.commit(decideCustomerDeleted('cus_1'));
    expect(journey.account).toMatchObject({
      stripe_customer_id: 'cus_2',
      former_customers: ['cus_1'],
      subscription: { stripe_subscription_id: 'sub_2', status: 'active' },
    });
    journey.commit(decideCustomerDeleted('cus_2'));
    expect(journey.account).toMatchObject({
      stripe_customer_id: null,
      former_customers: ['cus_1', 'cus_2'],
      subscription: { stripe_subscription_id: 'sub_2', status: 'canceled' },
    });
  });
});
