import type { Context } from 'aws-lambda';
import type { ApiEvent } from '../../shared/api/http.ts';
import { holdIdOf } from '../../shared/domain/hold.ts';
import type { Chance } from './chance.ts';

/** A request as somebody means it: however often it is sent, with one key. */
export interface Command {
  readonly account_id: string;
  /** The id of the entry that its success writes. */
  readonly entry_id: string;
  /** What that entry moves. */
  readonly amount: number;
  /** What it needs of the account's credits. */
  readonly needs: number;
  readonly route: string;
  readonly path: Readonly<Record<string, string>>;
  readonly body: object;
  readonly key: string;
  /** What of an answer, or of the entry that it tells of, has to be the same every time. */
  readonly lineOf: (told: Readonly<Record<string, unknown>>) => string;
}

interface Meant {
  readonly account_id: string;
  readonly key: string;
}

const service_prefix = '/api/accounts/{account_id}';
const transactionLine: Command['lineOf'] = ({ entry_id, amount }) => `${String(entry_id)} of ${String(amount)}`;

export function deduction(account_id: string, key: string, amount: number): Command {
  return {
    account_id,
    key,
    path: {},
    amount: -amount,
    needs: amount,
    entry_id: `use:${key}`,
    route: 'POST /api/credits/deduct',
    body: { amount, description: 'a draft' },
    lineOf: transactionLine,
  };
}

/** Deductions of one account in one request, each known by its own key; the request has none, so that a refusal is not kept. */
export function batch(deductions: readonly Command[]): Command {
  const [{ account_id } = { account_id: '' }] = deductions;
  const items = deductions.map(({ key, body }) => ({ key, ...body }));
  const path = { account_id };
  return {
    ...deduction(account_id, '', 0),
    path,
    route: `POST ${service_prefix}/credits/deduct-batch`,
    body: { items },
  };
}

function grant({ account_id, key }: Meant, amount: number, expires_at: number | null): Command {
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
    lineOf: transactionLine,
  };
}

function refund({ account_id, key }: Meant, entry_id: string, amount: number): Command {
  return {
    account_id,
    key,
    path: { account_id },
    amount,
    needs: 0,
    entry_id: `refund:${key}`,
    route: `POST ${service_prefix}/credits/refunds`,
    body: { entry_id, amount },
    lineOf: transactionLine,
  };
}

function hold({ account_id, key }: Meant, amount: number, expires_in: number): Command {
  return {
    account_id,
    key,
    path: {},
    amount: 0,
    needs: amount,
    entry_id: `hold:${holdIdOf(account_id, key)}`,
    route: 'POST /api/credits/holds',
    body: { amount, description: 'a film', expires_in },
    lineOf: ({ hold_id }) => `${String(hold_id)}`,
  };
}

function settlement({ account_id, key }: Meant, hold_id: string, amount: number): Command {
  return {
    account_id,
    key,
    path: { hold_id },
    amount: -amount,
    needs: 0,
    entry_id: `settle:${hold_id}`,
    route: 'POST /api/credits/holds/{hold_id}/settle',
    body: { amount },
    lineOf: transactionLine,
  };
}

function release({ account_id, key }: Meant, hold_id: string): Command {
  return {
    account_id,
    key,
    path: { hold_id },
    amount: 0,
    needs: 0,
    entry_id: `release:${hold_id}`,
    route: 'POST /api/credits/holds/{hold_id}/release',
    body: {},
    lineOf: ({ hold_id, status }) => `${String(hold_id)} ${String(status)}`,
  };
}

const day_ms = 86_400_000;

/** Something that may be meant of an account of which these commands are known. */
export function commandAt(now: number, chance: Chance, meant: Meant, known: readonly Command[]): Command {
  const { account_id, key } = meant;
  const any = <T>(list: readonly T[]) => list[chance.between(0, Math.max(0, list.length - 1))];
  const charge = any(known.filter(({ entry_id }) => entry_id.startsWith('use:')));
  const held = any(known.filter(({ entry_id }) => entry_id.startsWith('hold:')));
  const kind = chance.random();
  if (kind < 0.1)
    return grant(meant, chance.between(1, 60), chance.is(0.5) ? now + chance.between(1, 40) * day_ms : null);
  if (kind < 0.22 && charge !== undefined) return refund(meant, charge.entry_id, chance.between(1, charge.needs));
  if (kind < 0.3 && charge !== undefined) return charge;
  if (kind < 0.4) return hold(meant, chance.between(1, 30), chance.oneOf([60, 3_600, 86_400]));
  if (kind < 0.5 && held !== undefined) {
    const hold_id = held.entry_id.slice('hold:'.length);
    const closed = known.find(({ entry_id }) => entry_id === `settle:${hold_id}`);
    return chance.is(0.7)
      ? (closed ?? settlement(meant, hold_id, chance.between(0, held.needs)))
      : release(meant, hold_id);
  }
  return deduction(account_id, key, chance.is(0.2) ? chance.between(60, 120) : chance.between(1, 30));
}

export function eventOf({ account_id, route, path, body, key }: Command): ApiEvent {
  const claims = 'account_id' in path ? { sub: 'backend', scope: 'billing:service' } : { sub: account_id };
  return requestEvent(route, JSON.stringify(body), {
    headers: key === '' ? {} : { 'idempotency-key': key },
    path,
    claims,
  });
}

interface Told {
  readonly headers: Record<string, string>;
  readonly path?: Readonly<Record<string, string>>;
  readonly claims?: Record<string, string>;
}

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
