import type * as z from 'zod';
import { findAnswer, keepAnswer } from '../../shared/store/requests.ts';
import type { CheckoutParts } from './api.ts';
import { stripe_patience_ms, withPatience } from './patience.ts';

/** Of a route that is answered once. */
interface AnsweredRoute<A> {
  readonly name: string;
  readonly answer: z.ZodType<A>;
}

interface KeyedRequest {
  readonly account_id: string;
  readonly idempotency_key: string;
  readonly fingerprint: string;
}

/**
 * Answers a request that writes no ledger entry: the first answer is given again, for ever. A refusal is not kept. Between a failure
 * and the next attempt Stripe's own idempotency keeps it at one object per request. Throws `StripeUnavailable` when the answer
 * cannot be made in time.
 */
export async function answerOnce<A>(
  { database, patience_ms = stripe_patience_ms }: Pick<CheckoutParts, 'database' | 'patience_ms'>,
  route: AnsweredRoute<A>,
  { account_id, idempotency_key, fingerprint }: KeyedRequest,
  make: () => Promise<A>,
): Promise<{ body: A; replayed: boolean }> {
  const request = { account_id, request_key: `${route.name}:${idempotency_key}`, fingerprint };
  const first = await findAnswer(database, request);
  if (first !== null) return { body: route.answer.parse(first), replayed: true };
  const { answer, replayed } = await keepAnswer(database, request, await withPatience(make(), patience_ms));
  return { body: route.answer.parse(answer), replayed };
}
