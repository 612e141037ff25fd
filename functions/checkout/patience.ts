import type { Milliseconds } from '../../shared/domain/units.ts';
import { logger } from '../../shared/observability.ts';
import { StripeUnavailable } from '../../shared/stripe/stripe-unavailable.ts';

/**
 * How long all of a request's calls to Stripe may take together. infra gives the
 * function more time than this.
 */
export const stripe_patience_ms: Milliseconds = 18_000;

/**
 * The result of the work. Throws `StripeUnavailable` if the work takes longer than `patience_ms`.
 * The work is not undone: its idempotency keys let the next attempt find what it has made.
 */
export async function withPatience<T>(work: Promise<T>, patience_ms: Milliseconds): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const out_of_patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      logger.error('stripe took too long', { patience_ms });
      reject(new StripeUnavailable());
    }, patience_ms);
  });
  try {
    return await Promise.race([work, out_of_patience]);
  } finally {
    clearTimeout(timer);
  }
}
