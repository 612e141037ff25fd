import { type FakeStripe, startFakeStripe } from '@billing-credits/stripe-fake';
import { expect, test } from 'vitest';
import { managed } from '../../shared/stripe/managed.ts';
import { portalConfiguration } from '../../shared/stripe/portal-configuration.ts';
import { stripeSdk } from '../../shared/stripe/stripe-client.ts';
import { TestClock } from './fake.ts';

async function withFake(run: (fake: FakeStripe, clock: TestClock) => Promise<void>): Promise<void> {
  const clock = new TestClock();
  const fake = await startFakeStripe({ clock, port: 0, seed: null, webhook: null });
  try {
    await run(fake, clock);
  } finally {
    await fake.close();
  }
}

test('the portal is the oldest that stripe:sync created, and the default one until there is one', () =>
  withFake(async (fake, clock) => {
    const stripe = stripeSdk('sk_test_local', fake.url, { timeout_ms: 5_000, network_retries: 0 });
    const calls: string[] = [];
    const configurationId = portalConfiguration((operation, call) => {
      calls.push(operation);
      return call(stripe);
    }, clock.now);
    const features = { invoice_history: { enabled: true } };

    await stripe.billingPortal.configurations.create({ features });
    expect(await configurationId()).toBeUndefined();
    const made = await stripe.billingPortal.configurations.create({ features, metadata: managed });
    await stripe.billingPortal.configurations.create({ features, metadata: managed });
    await stripe.billingPortal.configurations.create({ features });
    expect(await configurationId()).toBeUndefined();
    clock.at += 5 * 60_000;
    expect(await configurationId()).toBe(made.id);
    expect(await configurationId()).toBe(made.id);
    expect(calls).toHaveLength(2);
    await stripe.billingPortal.configurations.update(made.id, { active: false });
    clock.at += 5 * 60_000;
    expect(await configurationId()).not.toBe(made.id);
  }));
