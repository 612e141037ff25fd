import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { HttpAnswer, HttpRequest } from './http-server.ts';
import { account_number } from './template.ts';

/** What the gateway knows about a request before it calls the function. */
export interface GatewayRequest {
  request: HttpRequest;
  request_id: string;
  route_key: string;
  path_parameters: Record<string, string>;
  authorizer: { claims: Record<string, string>; scopes: string[] | null } | null;
  /** Epoch milliseconds. */
  now: number;
  domain_name: string;
}

/** Splits a request's target at the question mark. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/**
 * The event of payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function toEvent(given: GatewayRequest): object {
  const { request, authorizer } = given;
  const { path, query } = splitTarget(request.target);
  const cookies = request.headers.cookie?.flatMap((line) => line.split('; ')) ?? [];
  const query_parameters = combineQuery(query);
  const text = isText(request);
  return {
    version: '2.0',
    routeKey: given.route_key,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers: combineHeaders(request),
    ...(Object.keys(query_parameters).length > 0 && { queryStringParameters: query_parameters }),
    requestContext: {
      accountId: account_number,
      apiId: 'local',
      ...(authorizer && { authorizer: { jwt: authorizer } }),
      domainName: given.domain_name,
      domainPrefix: 'local',
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.http_version}`,
        sourceIp: request.source_ip,
        userAgent: request.headers['user-agent']?.[0] ?? '',
      },
      requestId: given.request_id,
      routeKey: given.route_key,
      stage: '$default',
      time: commonLogTime(given.now),
      timeEpoch: given.now,
    },
    ...(Object.keys(given.path_parameters).length > 0 && { pathParameters: given.path_parameters }),
    ...(request.body.length > 0 && { body: request.body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !text,
  };
}

function combineHeaders({ headers }: HttpRequest): Record<string, string> {
  const combined = Object.entries(headers)
    .filter(([name]) => name !== 'cookie')
    .map(([name, values]) => [name, (values ?? []).join(',')]);
  return Object.fromEntries(combined);
}

function combineQuery(query: string): Record<string, string> {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries([...values].map(([name, all]) => [name, all.join(',')]));
}

/** Every other body travels as base64. */
function isText({ headers, body }: HttpRequest): boolean {
  const type = headers['content-type']?.[0]?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^(text\/.*|application\/(json|javascript|xml|.*\+(json|xml)))$/.test(type) && isUtf8(body);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2026:19:03:58 +0000`. */
function commonLogTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split(/[T.]/);
  const [year, month, day] = date.split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
}

const headerValueSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const structuredSchema = z.looseObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), headerValueSchema).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * The function's answer as HTTP. A value without a statusCode is a 200 with that value as JSON.
 * Null if the answer makes no sense.
 */
export function fromFunctionAnswer(answer: unknown): HttpAnswer | null {
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { success, data } = structuredSchema.safeParse(answer);
  if (!success) return null;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(data.headers ?? {})) headers[name.toLowerCase()] = value;
  if (data.cookies?.length) headers['set-cookie'] = data.cookies;
  const body = data.body ?? '';
  if (body !== '') headers['content-type'] ??= 'text/plain;charset=UTF-8';
  return { status: data.statusCode, headers, body: data.isBase64Encoded ? Buffer.from(body, 'base64') : body };
}
