import type * as z from 'zod';
import type { World } from '../world.ts';
import { parseParams } from './params.ts';

type Method = 'GET' | 'POST' | 'DELETE';

/** One row of the API's table. `handle` answers one of Stripe's objects, or a list of them. */
export interface Route {
  method: Method;
  /** `/v1/customers/:id`: at most one parameter. */
  path: string;
  handle(world: World, id: string, params: unknown): object;
}

interface Call<S extends z.ZodType> {
  world: World;
  /** The path's parameter, or an empty text. */
  id: string;
  params: z.infer<S>;
}

export function route<S extends z.ZodType>(
  method: Method,
  path: string,
  schema: S,
  run: (call: Call<S>) => object,
): Route {
  return {
    method,
    path,
    handle: (world, id, params) => run({ world, id, params: parseParams(schema, params) }),
  };
}

/** The route of a request. A fixed segment wins over a parameter (`/v1/invoices/upcoming`). */
export function matchRoute(routes: Route[], method: string, path: string): { route: Route; id: string } | null {
  const wanted = path.split('/');
  let found: { route: Route; id: string } | null = null;
  for (const candidate of routes) {
    if (candidate.method !== method) continue;
    if (candidate.path === path) return { route: candidate, id: '' };
    const segments = candidate.path.split('/');
    if (segments.length !== wanted.length) continue;
    if (!segments.every((segment, i) => segment === ':id' || segment === wanted[i])) continue;
    found ??= { route: candidate, id: decoded(wanted[segments.indexOf(':id')] ?? '') };
  }
  return found;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
