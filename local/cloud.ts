import { randomBytes } from 'node:crypto';
import { type Cloud, type CloudOptions, type Companion, type Problem, startCloud } from '@billing-credits/local-cloud';
import type { FakeStripe } from '@billing-credits/stripe-fake';
import { variables } from '../shared/environment.ts';
import { app } from './app.ts';
import { startFake } from './fake-stripe.ts';
import { useUtc } from './options.ts';
import { stripeRoutes } from './stripe-routes.ts';

type SharedOptions = Pick<
  CloudOptions,
  'port' | 'database' | 'starts_at' | 'work_dir' | 'log' | 'warn' | 'reach' | 'signal' | 'state_file'
>;

export interface LocalCloudOptions extends SharedOptions {
  stripe_port: number;
  /** The real Stripe in test mode, or null for the fake. */
  stripe: { api_key: string; webhook_secret: string | null } | null;
  /** Where customers go back to: the first. None: a page of the local cloud. */
  app_urls?: string[];
  /** Whose tokens count beside those of the local issuer. */
  issuer?: { url: string; audiences: string[] } | null;
}

/** This project's system on one machine. */
export interface LocalCloud extends Cloud {
  /** Of the Stripe that functions talk to: the fake, or the real one. */
  stripe_url: string;
  /** Null when the real Stripe is in use. */
  stripe: FakeStripe | null;
}

const audience = 'billing-credits';
const fake_api_key = 'sk_test_local';

/**
 * Starts the local cloud with what `infra/app.ts` deploys, and the fake of Stripe beside it. Throws
 * `PortInUse`, `DatabaseNotAvailable`, `SynthesisFailed`, `InvalidBillingConfig`,
 * `TemplateNotSupported`.
 */
export async function startLocalCloud(given: LocalCloudOptions): Promise<LocalCloud> {
  const { stripe, stripe_port, app_urls = [], issuer = null, ...options } = given;
  useUtc();
  const webhook_secret = stripe?.webhook_secret ?? `whsec_${randomBytes(24).toString('hex')}`;
  const running: { fake: FakeStripe | null } = { fake: null };
  const cloud = await startCloud({
    ...options,
    app,
    audience,
    context: ({ issuer_url, app_url }) => ({
      stage: 'local',
      issuer: issuer?.url ?? issuer_url,
      audience: issuer?.audiences.join(',') ?? audience,
      appUrl: app_urls.length > 0 ? app_urls.join(',') : app_url,
    }),
    secrets: {
      [variables.stripe_api_key_secret_arn]: stripe?.api_key ?? fake_api_key,
      [variables.stripe_webhook_secrets_secret_arn]: webhook_secret,
    },
    startCompanion: async ({ api_url, clock }) => {
      if (stripe !== null) return { ...real_stripe, routes: stripeRoutes(null, clock) };
      const fake = await startFake({ api_url, clock, port: stripe_port, webhook_secret });
      running.fake = fake;
      const environment = { [variables.stripe_api_url]: fake.url };
      return Object.assign(fake, { environment, routes: stripeRoutes(fake, clock) });
    },
    ...(stripe !== null && { clock_stands }),
  });
  return { ...cloud, stripe: running.fake, stripe_url: running.fake?.url ?? 'https://api.stripe.com' };
}

/** The real Stripe does nothing on this machine. */
const real_stripe: Omit<Companion, 'routes'> = {
  environment: {},
  nextDueAt: () => null,
  runDue: async () => {},
  settled: async () => {},
  revision: 0,
  save: () => null,
  restore: () => {},
  close: async () => {},
};

const clock_stands: Problem = {
  status: 409,
  code: 'not_with_real_stripe',
  title: 'The real Stripe is in use',
  detail: 'The clock of the real Stripe cannot be moved; STRIPE_SECRET_KEY is set.',
};
