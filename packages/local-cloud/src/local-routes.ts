import { z } from 'zod';
import { answerAppPage } from './app-page.ts';
import { addDuration, type Clock, WrongTime } from './clock.ts';
import { splitTarget } from './gateway-event.ts';
import type { HttpAnswer, HttpRequest } from './http-server.ts';
import type { Issuer } from './issuer.ts';
import { invalid, type LocalRoute, readBody } from './local-route.ts';
import { jsonAnswer, type Problem, Refused, toAnswer } from './problem.ts';
import type { Queue, QueueCounts } from './queue.ts';
import { RouteTable } from './route-table.ts';

export interface LocalRoutesOptions {
  clock: Clock;
  issuer: Issuer;
  /** Moves the clock; see TimeTravel. */
  advance: (target: (now: number) => number) => Promise<number>;
  idle: () => Promise<void>;
  /** Queues with a consumer. */
  queues: Queue[];
  database: LocalDatabase;
  /** Routes of the services that run beside the template. */
  more_routes: readonly LocalRoute[];
  /** Why the clock cannot move, or null. */
  clock_stands: Problem | null;
}

/** The tables' address, and their names by the environment variables that tell functions. */
export interface LocalDatabase {
  endpoint: string;
  region: string;
  tables: Record<string, string>;
}

const bodies = {
  token: z.strictObject({
    account_id: z.string().min(1),
    scope: z.string().optional(),
    expires_in: z.int().optional(),
    claims: z.record(z.string(), z.unknown()).optional(),
  }),
  clock: z.union([z.strictObject({ advance: z.string() }), z.strictObject({ to: z.iso.datetime() })], {
    error: 'give either advance, an ISO 8601 duration, or to, an ISO 8601 moment in UTC',
  }),
};

/** The routes under `/_local`: what you can do to this cloud and not to AWS's. */
export class LocalRoutes {
  readonly #options: LocalRoutesOptions;
  readonly #table: RouteTable<LocalRoute>;

  constructor(options: LocalRoutesOptions) {
    this.#options = options;
    this.#table = new RouteTable([...this.#ownRoutes(), ...options.more_routes]);
  }

  static serves({ target }: HttpRequest): boolean {
    return /^\/_local([/?]|$)/.test(target);
  }

  async answer({ method, target, body }: HttpRequest): Promise<HttpAnswer> {
    const { path, query } = splitTarget(target);
    const match = this.#find(method, path);
    if (match === null) return toAnswer({ status: 404, code: 'not_found', detail: 'There is no such local route.' });
    try {
      return await match.route.handle({ parameters: match.path_parameters, query, body });
    } catch (error) {
      if (error instanceof Refused) return toAnswer(error.problem);
      throw error;
    }
  }

  /** A path that cannot be decoded belongs to no route. */
  #find(method: string, path: string) {
    try {
      return this.#table.find(method, path);
    } catch (error) {
      if (error instanceof URIError) return null;
      throw error;
    }
  }

  #ownRoutes(): LocalRoute[] {
    const { clock, issuer, idle, queues, database } = this.#options;
    return [
      {
        route_key: 'GET /_local/issuer/.well-known/openid-configuration',
        handle: () => jsonAnswer(issuer.discovery()),
      },
      { route_key: 'GET /_local/issuer/.well-known/jwks.json', handle: () => jsonAnswer(issuer.jwks()) },
      {
        route_key: 'POST /_local/token',
        handle: async ({ body }) => jsonAnswer({ token: await issuer.token(readBody(bodies.token, body)) }),
      },
      { route_key: 'GET /_local/clock', handle: () => jsonAnswer({ now: iso(clock.now()) }) },
      { route_key: 'POST /_local/clock', handle: ({ body }) => this.#moveClock(readBody(bodies.clock, body)) },
      {
        route_key: 'POST /_local/idle',
        handle: async () => {
          await idle();
          return jsonAnswer({ idle: true });
        },
      },
      { route_key: 'GET /_local/queues', handle: () => jsonAnswer(countsOf(queues)) },
      {
        route_key: 'POST /_local/queues/{name}/redrive',
        handle: ({ parameters }) => {
          const queue = queues.find(({ spec }) => spec.name === parameters.name);
          if (queue?.dead_letters == null) {
            throw new Refused({ status: 404, code: 'not_found', detail: 'No such queue has dead letters.' });
          }
          return jsonAnswer({ moved: queue.redrive() });
        },
      },
      { route_key: 'GET /_local/database', handle: () => jsonAnswer(database) },
      { route_key: 'GET /_local/app', handle: ({ query }) => answerAppPage('/', query) },
      {
        route_key: 'GET /_local/app/{path+}',
        handle: ({ parameters, query }) => answerAppPage(`/${parameters.path}`, query),
      },
    ];
  }

  async #moveClock(wanted: z.infer<typeof bodies.clock>): Promise<HttpAnswer> {
    const { clock_stands, advance } = this.#options;
    if (clock_stands !== null) throw new Refused(clock_stands);
    try {
      const now = await advance((now) => ('to' in wanted ? Date.parse(wanted.to) : addDuration(now, wanted.advance)));
      return jsonAnswer({ now: iso(now) });
    } catch (error) {
      if (error instanceof WrongTime) throw invalid([{ path: '', message: error.message }]);
      throw error;
    }
  }
}

const iso = (at: number) => new Date(at).toISOString();

function countsOf(queues: Queue[]): Record<string, QueueCounts & { dead: number }> {
  return Object.fromEntries(
    queues.map((queue) => [queue.spec.name, { ...queue.counts(), dead: queue.dead_letters?.counts().waiting ?? 0 }]),
  );
}
