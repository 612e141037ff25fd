import type { Context } from 'aws-lambda';
import type { ApiEvent } from '../../shared/api/http.ts';
import type { Chance } from './chance.ts';

/** A request as somebody means it: however often it is sent, with one key. */
export interface Command {
  readonly account_id: string;
  /** The id of the entry that its success writes. */
  readonly entry_id: string;
  /** What that entry moves; null where the charge it is about decides. */
  readonly amount: number | null;
  /** What it needs of the account's credits. */
  readonly needs: number;
  readonly route: string;
  readonly path: Readonly<Record<string, string>>;
  readonly body: object;
  readonly key: string;
}

const user_prefix = '/api';
const service_prefix = '/api/accounts/{account_id}';

export function deduction(account_id: string, key: string, amount: number): Command {
  return {
    account_id,
    key,
    path: {},
    amount: -amount,
    needs: amount,
    entry_id: `use:${key}`,
    route: `POST ${user_prefix}/credits/deduct`,
    body: { amount, description: 'a draft' },
  };
}

export function grant(account_id: string, key: string, amount: number, expires_at: number | null): Command {
  const more = expires_at === null ? {} : { expires_at: new Date(expires_at).toISOString() };
  return {
    account_id,
    key,
    path: { account_id },
    amount,
    needs: 0,
    entry_id: `grant:${key}`,
    route: `POST ${service_prefix}/credits/grants`,
    body: { amount, description: 'a gift', ...more },
  };
}

export function refund(account_id: string, key: string, entry_id: string, amount: number): Command {
  return {
    account_id,
    key,
    path: { account_id },
    amount,
    needs: 0,
    entry_id: `refund:${key}`,
    route: `POST ${service_prefix}/credits/refunds`,
    body: { entry_id, amount },
  };
}

export function eventOf({ account_id, route, path, body, key }: Command): ApiEvent {
  const [method = '', raw_path = ''] = route.split(' ');
  const claims = 'account_id' in path ? { sub: 'backend', scope: 'billing:service' } : { sub: account_id };
  return {
    version: '2.0',
    routeKey: route,
    rawPath: raw_path,
    rawQueryString: '',
    headers: { 'idempotency-key': key },
    pathParameters: { ...path },
    body: JSON.stringify(body),
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

export function contextOf(chance: Chance): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'f',
    functionVersion: '1',
    invokedFunctionArn: 'arn',
    memoryLimitInMB: '1024',
    awsRequestId: `request-${chance.between(0, 2 ** 40)}`,
    logGroupName: 'g',
    logStreamName: 's',
    getRemainingTimeInMillis: () => 30_000,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
