import { type CompanionOptions, PortInUse } from '@billing-credits/local-cloud';
import type { FakeStripe } from '@billing-credits/stripe-fake';
import { routes } from '../shared/api/routes.ts';
import { stripe_event_types } from '../shared/stripe/event-types.ts';

interface FakeOptions extends CompanionOptions {
  port: number;
  webhook_secret: string;
}

/**
 * Starts the fake with what billing.config.ts sells. It sends its events to the API. Throws
 * `PortInUse`.
 */
export async function startFake({ api_url, clock, port, webhook_secret }: FakeOptions): Promise<FakeStripe> {
  // Loaded only now, while the synthesis runs in a process of its own.
  const { default: config } = await import('#billing-config');
  const { startFakeStripe } = await import('@billing-credits/stripe-fake');
  const { seedOf } = await import('./stripe-sync/seed.ts');
  const { wantedProducts } = await import('./stripe-sync/wanted.ts');
  const webhook = {
    url: `${api_url}${routes.stripe_webhook.path}`,
    secret: webhook_secret,
    events: stripe_event_types,
  };
  try {
    return await startFakeStripe({ clock, port, seed: seedOf(wantedProducts(config)), webhook });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') throw new PortInUse(port);
    throw error;
  }
}
