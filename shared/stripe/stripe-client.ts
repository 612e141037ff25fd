import Stripe from 'stripe';
import type { Milliseconds } from '../domain/units.ts';
import { errorFacts, logger } from '../observability.ts';
import type { ReadSecret } from './secret.ts';
import { StripeUnavailable } from './stripe-unavailable.ts';

export interface StripeAccess {
  readonly read_api_key: ReadSecret;
  /** The address of Stripe's API; undefined means Stripe's own. */
  readonly api_url?: string | undefined;
  readonly is_production: boolean;
  /** The client that carries the calls; undefined means the SDK's own. */
  readonly http_client?: Stripe.HttpClient;
}

/**
 * Makes one call to Stripe, or rejects with `StripeUnavailable`. The operation's name goes to the
 * log.
 */
export type AskStripe = <T>(operation: string, call: (stripe: Stripe) => Promise<T>) => Promise<T>;

/**
 * With this, a call to a silent Stripe takes 12.5 s: two tries and half a second between them. Code
 * that relies on it says so.
 */
const timeout_ms: Milliseconds = 6_000;
const network_retries = 1;

/**
 * Stripe's SDK with this stage's key. It uses no live key outside of production, and no test key in
 * it.
 */
export function openStripe({ read_api_key, api_url, is_production, http_client }: StripeAccess): AskStripe {
  let opened: { key: string; stripe: Stripe } | null = null;

  async function client(): Promise<Stripe> {
    const key = await read_api_key();
    if (opened?.key === key) return opened.stripe;
    if (!isKeyOfStage(key, is_production)) throw new WrongStripeKey(is_production);
    const stripe = stripeSdk(key, api_url, { timeout_ms, network_retries, http_client });
    opened = { key, stripe };
    return stripe;
  }

  return async (operation, call) => {
    try {
      return await call(await client());
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      logger.error('stripe call failed', { operation, ...stripeFacts(error) });
      throw new StripeUnavailable({ cause: error });
    }
  };
}

/**
 * Stripe's SDK, at the API version for which it is made. `api_url` is the address of Stripe's API;
 * undefined means Stripe's own.
 */
export function stripeSdk(
  key: string,
  api_url: string | undefined,
  {
    timeout_ms,
    network_retries,
    http_client,
  }: {
    readonly timeout_ms: Milliseconds;
    readonly network_retries: number;
    readonly http_client?: Stripe.HttpClient | undefined;
  },
): Stripe {
  return new Stripe(key, {
    apiVersion: Stripe.API_VERSION,
    timeout: timeout_ms,
    maxNetworkRetries: network_retries,
    telemetry: false,
    appInfo: { name: 'billing-credits' },
    ...(http_client === undefined ? {} : { httpClient: http_client }),
    ...(api_url === undefined ? {} : serverOf(api_url)),
  });
}

/** Restricted keys (rk_) are as good as secret ones. */
function isKeyOfStage(key: string, is_production: boolean): boolean {
  return is_production ? /^[sr]k_live_/.test(key) : /^[sr]k_test_/.test(key);
}

/** The secret holds no Stripe key yet, or one of the other mode. */
class WrongStripeKey extends Error {
  constructor(is_production: boolean) {
    super(`this stage uses ${is_production ? 'live' : 'test'} keys only; put one into the API key's secret`);
    this.name = 'WrongStripeKey';
  }
}

function serverOf(api_url: string) {
  const { protocol, hostname, port } = new URL(api_url);
  return {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port === '' ? {} : { port }),
  } as const;
}

/** Stripe's message is left out: it may quote what was sent. */
function stripeFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Stripe.errors.StripeError)) return errorFacts(error);
  const { type, code, param, statusCode, requestId } = error;
  return { error: type, code, param, status: statusCode, stripe_request_id: requestId };
}
