import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Instant } from '../domain/units.ts';
import type * as z from '../zod.ts';
import { answerProblems } from './answer-problems.ts';
import { type Caller, callerOf } from './caller.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type ApiEvent, type ApiResult, toResult } from './http.ts';
import { toSpacedKey } from './key-space.ts';
import { Problem } from './problem.ts';
import { readBody, readIdempotencyKey, readQuery } from './read-request.ts';
import { recordAnswers } from './record-answers.ts';
import { type HttpRoute, httpFormsOf, type Route, servicePathOf } from './route.ts';
import { validate } from './validate.ts';

/** A request as a handler gets it, parsed and checked. */
export interface ApiRequest<R extends Route> extends Caller {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
  /** The caller's key, or one made of the Lambda request id, in the caller's key space. */
  readonly idempotency_key: string;
  readonly has_own_key: boolean;
  readonly fingerprint: string;
  /** When the request came in. The store reads the clock again for its commits. */
  readonly now: Instant;
}

export interface ApiAnswer<R extends Route> {
  readonly body: z.input<R['answer']>;
  /** This is the first answer again. */
  readonly replayed?: boolean;
}

/** A route and the handler that answers it. */
export interface Served {
  readonly route: Route;
  readonly answer: (event: ApiEvent, call: Call) => Promise<ApiResult>;
}

/** One invocation, without its event. */
interface Call {
  readonly caller: Caller;
  readonly request_id: string;
  readonly now: Instant;
}

/**
 * Binds a route to its handler. Schemas, problems and replays are handled here; a handler makes one
 * call and answers.
 */
export function serve<R extends Route>(route: R, handle: (request: ApiRequest<R>) => Promise<ApiAnswer<R>>): Served {
  return {
    route,
    async answer(event, { caller, request_id, now }) {
      const { account_id: _, ...path } = event.pathParameters ?? {};
      const params = validate<R['params']>(route.params, 'path', path);
      const query = validate<R['query']>(route.query, 'query', readQuery(event.rawQueryString));
      const body = validate<R['body']>(route.body, 'body', readBody(event.body, event.isBase64Encoded));
      const header = route.idempotent === 'no' ? undefined : event.headers['idempotency-key'];
      const answer = await handle({
        ...caller,
        params,
        query,
        body,
        idempotency_key: toSpacedKey(caller.user, readIdempotencyKey(header, request_id)),
        has_own_key: header !== undefined,
        fingerprint: fingerprintOf(route, params, body),
        now,
      });
      return toResult(route.status, answer.body, answer.replayed ?? false);
    },
  };
}

export interface ApiFunctionOptions {
  readonly clock: () => Instant;
  /** The claim of a user's token that names its account. */
  readonly account_claim: string;
  /** Whether users may call the routes that spend. */
  readonly users_may_spend: boolean;
}

/**
 * How long before the function would be stopped it answers `account_busy` instead, so that the
 * caller knows to repeat.
 */
const answer_early_ms = 250;

/**
 * The Lambda handler of a function that serves routes. Throws at once if the table gives one of the
 * routes to another function.
 */
export function apiFunction(name: string, served: readonly Served[], options: ApiFunctionOptions) {
  const { clock, account_claim, users_may_spend } = options;
  const forms = formsByKey(name, served);
  return middy<ApiEvent, ApiResult>({
    timeoutEarlyInMillis: answer_early_ms,
    timeoutEarlyResponse: () => {
      throw new Problem(
        'account_busy',
        'No answer in time. Send the same request with the same Idempotency-Key again.',
      );
    },
  })
    .use(recordAnswers(forms, account_claim))
    .use(answerProblems())
    .handler(async (event: ApiEvent, context: Context) => {
      const found = forms.get(event.routeKey);
      if (found === undefined)
        throw new Problem('not_found', 'There is no such route. GET /api/openapi.json describes all routes.');
      const caller = callerOf(event, found.form, account_claim);
      if (found.form.caller === 'user' && found.form.route.spends && !users_may_spend)
        throw spendingByUsersOff(found.form);
      return found.served.answer(event, { caller, request_id: context.awsRequestId, now: clock() });
    });
}

/** A token that lies in a browser must not decide what a backend charges. */
function spendingByUsersOff({ method, route }: HttpRoute): Problem {
  const detail = `Spend from your backend: ${method} ${servicePathOf(route)} with a service's token. To let users spend, set spending.by_users to true in billing.config.ts.`;
  return new Problem('spending_by_users_off', detail);
}

function formsByKey(name: string, served: readonly Served[]): Map<string, { form: HttpRoute; served: Served }> {
  const foreign = served.find(({ route }) => route.served_by !== name);
  if (foreign !== undefined)
    throw new Error(`${foreign.route.name} is served by ${foreign.route.served_by}, not ${name}`);
  return new Map(
    served.flatMap((one) => httpFormsOf(one.route).map((form) => [form.route_key, { form, served: one }] as const)),
  );
}
