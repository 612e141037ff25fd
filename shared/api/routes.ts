import { access_routes } from './access-routes.ts';
import { admin_routes } from './admin-routes.ts';
import { billing_routes } from './billing-routes.ts';
import { credits_routes } from './credits-routes.ts';
import { holds_routes } from './holds-routes.ts';
import { members_routes } from './members-routes.ts';
import { type HttpRoute, httpFormsOf } from './route.ts';

/**
 * The contract: every route, once. Infrastructure, handlers, the local cloud and the OpenAPI
 * document are made from it, so a route cannot exist in one place only. A function imports only the
 * routes that it serves, because schemas are a good part of a cold start.
 */
export const routes = {
  ...billing_routes,
  ...credits_routes,
  ...holds_routes,
  ...members_routes,
  ...access_routes,
  ...admin_routes,
} as const;

/** The functions that serve the API. */
export type ApiFunctionName = (typeof routes)[keyof typeof routes]['served_by'];

export type ApiRoute = HttpRoute<ApiFunctionName>;

/** Every form of every route, as the gateway knows them. */
export function httpRoutes(): ApiRoute[] {
  return Object.values(routes).flatMap((route) => httpFormsOf(route));
}
