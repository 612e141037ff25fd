import { type AnsweredRoute, type KeyedRequest, answerOnce as keepAnswerOf } from '../answer-once.ts';
import type { CheckoutDeps } from './deps.ts';
import { stripe_patience_ms, withPatience } from './patience.ts';

/**
 * Answers a request once, with the help of Stripe. If an attempt fails, Stripe's own idempotency
 * key lets the next attempt find the object that the first one made. Throws `StripeUnavailable` if
 * Stripe takes too long.
 */
export function answerOnce<A>(
  { database, patience_ms = stripe_patience_ms }: Pick<CheckoutDeps, 'database' | 'patience_ms'>,
  route: AnsweredRoute<A>,
  request: KeyedRequest,
  make: () => Promise<A>,
): Promise<{ body: A; replayed: boolean }> {
  return keepAnswerOf({ database }, route, request, () => withPatience(make(), patience_ms));
}
