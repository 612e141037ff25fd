import type {
  APIGatewayEventRequestContextJWTAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type { Problem } from './problem.ts';
import { problems, retryAfter, toProblemBody } from './problems.ts';

/**
 * A request as API Gateway hands it over (payload 2.0), with decoded path parameters. Public routes
 * have no authorizer.
 */
export type ApiEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { authorizer?: APIGatewayEventRequestContextJWTAuthorizer }
>;

export type ApiResult = APIGatewayProxyStructuredResultV2;

export const replayed_header = 'idempotency-replayed';

/** Answers about an account must not be cached. */
const uncached = { 'cache-control': 'no-store' };

/** A success. The body keeps the order of its fields, so a replay is the same byte for byte. */
export function toResult(status: number, body: unknown, replayed: boolean): ApiResult {
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/json',
      ...uncached,
      ...(replayed ? { [replayed_header]: 'true' } : {}),
    },
    body: JSON.stringify(body),
  };
}

export function toProblemResult({ code, message, members }: Problem): ApiResult {
  return {
    statusCode: problems[code].status,
    headers: { 'content-type': 'application/problem+json', ...uncached, ...retryAfter(code) },
    body: JSON.stringify(toProblemBody(code, message, members)),
  };
}
