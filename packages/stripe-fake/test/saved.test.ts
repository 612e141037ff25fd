import type Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../src/seeded-random.ts';
import { type Stage, setStage } from './stage.ts';

const start = '2026-01-10T12:00:00Z';
const stages: Stage[] = [];

async function stageAt(moment: string, seed: number): Promise<Stage> {
  const stage = await setStage(moment, { random: seededRandom(seed) });
  stages.push(stage);
  return stage;
}

afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.close()));
});

/** Another fake that goes on where this one is, after a trip through JSON. */
async function successor(first: Stage, moment: string): Promise<Stage> {
  const saved: unknown = JSON.parse(JSON.stringify(first.fake.save()));
  const next = await stageAt(moment, 2);
  next.fake.restore(saved);
  return next;
}

/** What Stripe says about its objects, but for where it listens. */
async function seen({ stripe }: Stage): Promise<unknown> {
  const lists = await Promise.all([
    stripe.customers.list(),
    stripe.subscriptions.list({ status: 'all' }),
    stripe.invoices.list(),
    stripe.charges.list(),
    stripe.events.list({ limit: 100 }),
    stripe.checkout.sessions.list(),
  ]);
  return JSON.parse(JSON.stringify(lists).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://fake'));
}

describe('a fake that goes on where another one was', () => {
  it('says the same about everything, and renews what was bought', async () => {
    const first = await stageAt(start, 1);
    const { subscription } = await first.subscribe();
    const next = await successor(first, start);
    expect(await seen(next)).toEqual(await seen(first));
    for (const stage of [first, next]) await stage.advanceTo('2026-02-10T15:00:00Z');
    const invoices = async ({ stripe }: Stage) =>
      (await stripe.invoices.list({ subscription: subscription.id })).data.map(
        ({ amount_paid, status }: Stripe.Invoice) => ({
          amount_paid,
          status,
        }),
      );
    expect(await invoices(next)).toHaveLength(2);
    expect(await invoices(next)).toEqual(await invoices(first));
  });

  it('answers a request again that the other one has answered', async () => {
    const first = await stageAt(start, 1);
    const options = { idempotencyKey: 'once' };
    const { id } = await first.stripe.customers.create({ email: 'ada@example.com' }, options);
    const next = await successor(first, start);
    expect((await next.stripe.customers.create({ email: 'ada@example.com' }, options)).id).toBe(id);
    expect((await next.stripe.customers.list()).data).toHaveLength(1);
  });

  it('sells what it is seeded with itself, by the same portal', async () => {
    const first = await stageAt(start, 1);
    await first.stripe.products.update('prod_pro', { name: 'An old name' });
    const next = await successor(first, start);
    expect((await next.stripe.products.retrieve('prod_pro')).name).toBe('Pro');
    const { data } = await next.stripe.billingPortal.configurations.list({ is_default: true });
    expect(data).toHaveLength(1);
    expect((await next.stripe.webhookEndpoints.list()).data).toHaveLength(1);
  });

  it('refuses what no fake has given', async () => {
    const { fake } = await stageAt(start, 1);
    expect(() => fake.restore({ ...fake.save(), format: 0 })).toThrow(/another version/);
    expect(() => fake.restore(null)).toThrow();
  });
});
