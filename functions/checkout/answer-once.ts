import { type AnsweredRoute, type KeyedRequest, answerOnce as keepAnswerOf } from '../answer-once.ts';
import type { CheckoutParts } from './api.ts';
import { stripe_patience_ms, withPatience } from './patience.ts';

/**
 * Answers a request once, whatever Stripe takes to make the answer. Between a failure and the next attempt Stripe's own idempotency
 * keeps it at one object per request. Throws `StripeUnavailable` when the answer cannot be made in time.
 */
export function answerOnce<A>(
  { database, patience_ms = stripe_patience_ms }: Pick<CheckoutParts, 'database' | 'patience_ms'>,
  route: AnsweredRoute<A>,
  request: KeyedRequest,
  make: () => Promise<A>,
): Promise<{ body: A; replayed: boolean }> {
  return keepAnswerOf({ database }, route, request, () => withPatience(make(), patience_ms));
}
