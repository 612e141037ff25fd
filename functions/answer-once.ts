import type { Database } from '../shared/store/database.ts';
import { findAnswer, keepAnswer } from '../shared/store/requests.ts';
import * as z from '../shared/zod.ts';

/** A route whose first answer is kept. */
export interface AnsweredRoute<A> {
  readonly name: string;
  readonly answer: z.core.$ZodType<A>;
}

export interface KeyedRequest {
  readonly account_id: string;
  readonly idempotency_key: string;
  readonly fingerprint: string;
}

/**
 * Answers a request that writes no ledger entry. The first answer is kept for ever and given again;
 * a refusal is not kept. Throws `idempotency_key_reused`.
 */
export async function answerOnce<A>(
  { database }: { database: Database },
  route: AnsweredRoute<A>,
  { account_id, idempotency_key, fingerprint }: KeyedRequest,
  make: () => Promise<A>,
): Promise<{ body: A; replayed: boolean }> {
  const request = { account_id, request_key: `${route.name}:${idempotency_key}`, fingerprint };
  const first = await findAnswer(database, request);
  if (first !== null) return { body: z.parse(route.answer, first), replayed: true };
  const { answer, replayed } = await keepAnswer(database, request, await make());
  return { body: z.parse(route.answer, answer), replayed };
}
