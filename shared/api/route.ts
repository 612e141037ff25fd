import type * as z from '../zod.ts';
import type { ProblemCode } from './problems.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
/**
 * Who may call: everybody; a user's token; a token with the services' scope; or Stripe, by its
 * signature.
 */
export type Caller = 'public' | 'user' | 'service' | 'stripe';

/**
 * What makes a retry the same request: its Idempotency-Key, or what it is about (a hold is settled
 * once), with or without a key. `no`: the request changes nothing, or has the same effect however
 * often it is sent.
 */
export type Idempotency = 'no' | 'by_key' | 'by_nature';

/** The scope of services' tokens. */
export const service_scope = 'billing:service';
/**
 * Both spellings of the scope; either will do. Cognito issues no scope but
 * `<resource server>/<name>`.
 */
export const service_scopes: readonly string[] = [service_scope, service_scope.replace(':', '/')];
/** Services find here what users find under `/api`. */
export const service_prefix = '/api/accounts/{account_id}';

/** One route of the contract, declared once and whole. */
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
  /** The route also exists under `service_prefix`, for services. */
  readonly for_services: boolean;
  /** The name of the function that serves the route. */
  readonly served_by: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The status of a success. */
  readonly status: 200 | 201 | 202;
  readonly answer: Answer;
  /** Problems beyond those of every route. */
  readonly problems: readonly ProblemCode[];
  readonly idempotent: Idempotency;
  /**
   * The route decides what is charged. Users may call it only if the configuration says
   * `spending.by_users`.
   */
  readonly spends: boolean;
}

/** One of the one or two forms in which a route is reachable. */
export interface HttpRoute<FunctionName extends string = string> {
  /** API Gateway's name of the route: `POST /api/credits/deduct`. */
  readonly route_key: string;
  readonly method: Method;
  readonly path: string;
  readonly caller: Caller;
  readonly served_by: FunctionName;
  readonly route: Route;
}

/** The forms of a route: its own, and one for services if `for_services`. */
export function httpFormsOf<R extends Route>(route: R): HttpRoute<R['served_by']>[] {
  const own = toHttpRoute(route, route.path, route.caller);
  if (!route.for_services) return [own];
  return [own, toHttpRoute(route, servicePathOf(route), 'service')];
}

/** The path at which services find the route. */
export function servicePathOf({ path }: Route): string {
  return path.replace(/^\/api/, service_prefix);
}

function toHttpRoute<R extends Route>(route: R, path: string, caller: Caller): HttpRoute<R['served_by']> {
  const { method, served_by } = route;
  return { route_key: `${method} ${path}`, method, path, caller, served_by, route };
}
