import { credits_routes } from '../../shared/api/credits-routes.ts';
import { fingerprintOf } from '../../shared/api/fingerprint.ts';
import { toSpacedKey } from '../../shared/api/key-space.ts';
import { problems, toProblemBody } from '../../shared/api/problems.ts';
import { type ApiRequest, serve } from '../../shared/api/serve.ts';
import { toProblem } from '../../shared/api/to-problem.ts';
import type { Outcome } from '../../shared/store/accounts.ts';
import type * as z from '../../shared/zod.ts';
import { answerOnce } from '../answer-once.ts';
import type { Deps } from '../composition.ts';
import { answerTransaction } from './answer-transaction.ts';
import { deductCommand } from './deduct-command.ts';

const route = credits_routes.deduct_batch;
type BatchRequest = ApiRequest<typeof route>;
type Results = z.output<typeof route.answer>['results'];

/** POST /api/accounts/{account_id}/credits/deduct-batch */
export const deductBatch = (deps: Deps) =>
  serve(route, (request) => {
    // Each item is safe by its own key. A key of the whole batch also keeps the batch's answer,
    // refusals included.
    return request.has_own_key
      ? answerOnce(deps, route, request, async () => (await deductItems(deps, request)).body)
      : deductItems(deps, request);
  });

async function deductItems({ accounts }: Deps, { account_id, actor, body: { items } }: BatchRequest) {
  const commands = items.map(({ key, ...spend }) => {
    // The problem that the same deduction would get alone.
    const fingerprint = fingerprintOf(credits_routes.deduct, {}, spend);
    return deductCommand(toSpacedKey(null, key), { ...spend, fingerprint, actor });
  });
  const outcomes = await accounts.transactAll(account_id, commands);
  const results = items.flatMap(({ key }, place): Results => {
    const outcome = outcomes[place];
    return outcome === undefined ? [] : [{ key, ...resultOf(outcome) }];
  });
  return { body: { results }, replayed: outcomes.every((outcome) => wasReplayed(outcome)) };
}

/**
 * The result of one item. Throws what is no answer to one item: then the caller repeats the whole
 * batch.
 */
function resultOf(outcome: PromiseSettledResult<Outcome>) {
  if (outcome.status === 'fulfilled') return { transaction: answerTransaction(outcome.value).body };
  const { code, message, members } = toProblem(outcome.reason);
  if (problems[code].status >= 500) throw outcome.reason;
  return { problem: toProblemBody(code, message, members) };
}

function wasReplayed(outcome: PromiseSettledResult<Outcome>): boolean {
  return outcome.status === 'fulfilled' && outcome.value.replayed;
}
