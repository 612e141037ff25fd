import { type FakeStripe, type FakeStripeOptions, startFakeStripe } from '@billing-credits/stripe-fake';
import { seedOf } from '../../local/stripe-sync/seed.ts';
import { openStripeGateway, type StripeGateway } from '../../shared/stripe/gateway.ts';
import { test_now } from '../engines/engines.ts';
import { prices } from './stripe-objects.ts';

/** A clock that stands still unless it is told to move. */
export class TestClock {
  at = test_now;
  readonly now = () => this.at;
}

export interface FakeGateway {
  readonly clock: TestClock;
  readonly fake: FakeStripe;
  readonly stripe: StripeGateway;
  close(): Promise<void>;
}

/** Prices of all plans, as the configuration has them. */
const seed: FakeStripeOptions['seed'] = seedOf([
  {
    id: 'prod_plans',
    name: 'Plans',
    metadata: {},
    prices: prices.map(({ lookup_key, amount, interval }) => ({
      lookup_key,
      unit_amount: amount,
      currency: 'usd',
      interval,
    })),
  },
]);

/** The gateway, talking to the fake by the real SDK. */
export async function startFakeGateway(
  options: { webhook?: FakeStripeOptions['webhook']; seed?: FakeStripeOptions['seed']; api_key?: string } = {},
): Promise<FakeGateway> {
  const clock = new TestClock();
  const fake = await startFakeStripe({ clock, port: 0, seed: options.seed ?? seed, webhook: options.webhook ?? null });
  const read_api_key = async () => options.api_key ?? 'sk_test_local';
  const stripe = openStripeGateway({ read_api_key, api_url: fake.url, is_production: false }, clock.now);
  return { clock, fake, stripe, close: () => fake.close() };
}
