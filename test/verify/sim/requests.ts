import type { Context } from 'aws-lambda';
import type { ApiEvent } from '../../../shared/api/http.ts';
import type { Chance } from './chance.ts';

interface Told {
  readonly headers: Record<string, string>;
  readonly path?: Readonly<Record<string, string>>;
  readonly claims?: Record<string, string>;
}

/** What the token of a service says. */
export const service_claims = { sub: 'backend', scope: 'billing:service' };

/** A request as API Gateway hands it on. */
export function requestEvent(route: string, body: string, { headers, path = {}, claims = {} }: Told): ApiEvent {
  const [method = '', raw_path = ''] = route.split(' ');
  return {
    version: '2.0',
    routeKey: route,
    rawPath: raw_path,
    rawQueryString: '',
    headers,
    pathParameters: { ...path },
    body,
    isBase64Encoded: false,
    requestContext: {
      accountId: '1',
      apiId: 'api',
      domainName: 'api.example',
      domainPrefix: 'api',
      requestId: 'gateway-request',
      http: { method, path: raw_path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'sim' },
      routeKey: route,
      stage: '$default',
      time: '',
      timeEpoch: 0,
      authorizer: { jwt: { claims, scopes: null } },
    },
  };
}

/** Of an invocation that has so much time from now on. */
export function contextOf(chance: Chance, now: () => number, time_ms: number): Context {
  const ends_at = now() + time_ms;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'f',
    functionVersion: '1',
    invokedFunctionArn: 'arn',
    memoryLimitInMB: '1024',
    awsRequestId: `request-${chance.between(0, 2 ** 40)}`,
    logGroupName: 'g',
    logStreamName: 's',
    getRemainingTimeInMillis: () => Math.max(0, ends_at - now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
