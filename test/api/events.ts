import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { vi } from 'vitest';
import * as z from 'zod';
import type { ApiEvent, ApiResult } from '../../shared/api/http.ts';
import type { HttpRoute } from '../../shared/api/route.ts';
import { httpRoutes } from '../../shared/api/routes.ts';

export interface Asked {
  /** `POST /api/credits/deduct` */
  readonly route_key: string;
  readonly path?: Record<string, string>;
  /** Without the question mark. */
  readonly query?: string;
  /** Sent as JSON, unless it is a string already. */
  readonly body?: unknown;
  readonly is_base64?: boolean;
  readonly headers?: Record<string, string>;
  /** Of the token; undefined sends none. */
  readonly claims?: Record<string, string | string[]> | undefined;
}

export const user_claims = { sub: 'u_1', iss: 'https://issuer.example' };
export const service_claims = { sub: 'backend', scope: 'openid billing:service' };

/** The request as API Gateway hands it to a function. */
export function apiEvent({
  route_key,
  path,
  query = '',
  body,
  is_base64 = false,
  headers = {},
  claims,
}: Asked): ApiEvent {
  const [method = '', raw_path = ''] = route_key.split(' ');
  return {
    version: '2.0',
    routeKey: route_key,
    rawPath: raw_path,
    rawQueryString: query,
    headers,
    ...(path === undefined ? {} : { pathParameters: path }),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: is_base64,
    requestContext: {
      accountId: '1',
      apiId: 'api',
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path: raw_path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'gateway-request-1',
      routeKey: route_key,
      stage: '$default',
      time: '',
      timeEpoch: 0,
      ...(claims === undefined ? {} : { authorizer: { jwt: { claims, scopes: null } } }),
    },
  };
}

/** What Lambda tells of an invocation. */
export function lambdaContext(request_id: string = randomUUID(), remaining = () => 30_000): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'f',
    functionVersion: '1',
    invokedFunctionArn: 'arn',
    memoryLimitInMB: '1024',
    awsRequestId: request_id,
    logGroupName: 'g',
    logStreamName: 's',
    getRemainingTimeInMillis: remaining,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: NonNullable<ApiResult['headers']>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type Handler = (event: ApiEvent, context: Context) => Promise<ApiResult>;

/**
 * Asks a function as the gateway would. Each success is checked against the answer that the table
 * of routes promises.
 */
export async function ask(handler: Handler, asked: Asked, context = lambdaContext()): Promise<Answer> {
  const result = await handler(apiEvent(asked), context);
  const text = result.body ?? '';
  const status = result.statusCode ?? 0;
  const form = formOf(asked.route_key);
  if (status < 400 && form !== undefined) z.parse(form.route.answer, JSON.parse(text));
  return { status, headers: result.headers ?? {}, text, body: JSON.parse(text) };
}

function formOf(route_key: string): HttpRoute | undefined {
  return httpRoutes().find((form) => form.route_key === route_key);
}

/** Which fields a 400 names. */
export function namedFields({ body }: Answer): string[] {
  return z
    .array(z.object({ path: z.string() }))
    .parse(body.errors)
    .map(({ path }) => path);
}

/** Keeps what is logged from the screen and gives it back, line by line, parsed. */
export function captureLog(): () => Record<string, unknown>[] {
  const written: string[] = [];
  const keep = (chunk: string | Uint8Array) => written.push(String(chunk)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  return () =>
    written
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
}
