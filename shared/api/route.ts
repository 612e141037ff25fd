import type * as z from '../zod.ts';
import type { ProblemCode } from './problems.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
/** Who may call: everybody; a user's token; a token with the services' scope; Stripe, by its signature. */
export type Caller = 'public' | 'user' | 'service' | 'stripe';

/**
 * What makes a retry of a request the same request: its Idempotency-Key, or what it is about (a hold is settled once), with a key or
 * without. `no`: it changes nothing, or leaves the same behind however often it is sent.
 */
export type Idempotency = 'no' | 'by_key' | 'by_nature';

/** The scope of services' tokens. */
export const service_scope = 'billing:service';
/** Both spellings of it, each of which will do: Cognito issues no scope but `<resource server>/<name>`. */
export const service_scopes: readonly string[] = [service_scope, service_scope.replace(':', '/')];
/** Where services find what users have under `/api`. */
export const service_prefix = '/api/accounts/{account_id}';

/** One route of the contract: the whole of it, declared once. */
export interface Route<
  Params extends z.core.$ZodType = z.core.$ZodType,
  Query extends z.core.$ZodType = z.core.$ZodType,
  Body extends z.core.$ZodType = z.core.$ZodType,
  Answer extends z.core.$ZodType = z.core.$ZodType,
> {
  readonly name: string;
  readonly summary: string;
  readonly method: Method;
  /** In API Gateway's syntax: `/api/features/{feature}`. */
  readonly path: string;
  readonly caller: Caller;
  /** † of the contract: exists a second time under `service_prefix`, for services. */
  readonly for_services: boolean;
  /** The function's name. */
  readonly served_by: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Of a success. */
  readonly status: 200 | 201 | 202;
  readonly answer: Answer;
  /** Beyond those that every route can answer. */
  readonly problems: readonly ProblemCode[];
  readonly idempotent: Idempotency;
  /** It decides what is charged. Users may call it only where the configuration says `spending.by_users`. */
  readonly spends: boolean;
}

/** One of the one or two forms in which a route is reachable. */
export interface HttpRoute<FunctionName extends string = string> {
  /** API Gateway's name of it: `POST /api/credits/deduct`. */
  readonly route_key: string;
  readonly method: Method;
  readonly path: string;
  readonly caller: Caller;
  readonly served_by: FunctionName;
  readonly route: Route;
}

/** The forms of a route: its own and, for †, the one for services. */
export function httpFormsOf<R extends Route>(route: R): HttpRoute<R['served_by']>[] {
  const own = toHttpRoute(route, route.path, route.caller);
  if (!route.for_services) return [own];
  return [own, toHttpRoute(route, servicePathOf(route), 'service')];
}

/** Where services find what users have at the route's own path. */
export function servicePathOf({ path }: Route): string {
  return path.replace(/^\/api/, service_prefix);
}

function toHttpRoute<R extends Route>(route: R, path: string, caller: Caller): HttpRoute<R['served_by']> {
  const { method, served_by } = route;
  return { route_key: `${method} ${path}`, method, path, caller, served_by, route };
}
