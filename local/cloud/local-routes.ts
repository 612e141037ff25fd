import { z } from 'zod';
import { CARDS } from '../stripe/cards.ts';
import type { FakeStripe } from '../stripe/fake-stripe.ts';
import { answerAppPage } from './app-page.ts';
import { addDuration, type Clock, WrongTime } from './clock.ts';
import { splitTarget } from './gateway-event.ts';
import type { HttpAnswer, HttpRequest } from './http-server.ts';
import type { Issuer } from './issuer.ts';
import { jsonAnswer, Refused, toAnswer } from './problem.ts';
import type { Queue, QueueCounts } from './queue.ts';
import { RouteTable } from './route-table.ts';

export interface LocalRoutesOptions {
  clock: Clock;
  issuer: Issuer;
  /** Null when the real Stripe is in use. */
  stripe: FakeStripe | null;
  /** Moves the clock; see TimeTravel. */
  advance: (target: (now: number) => number) => Promise<number>;
  idle: () => Promise<void>;
  /** The queues that have a consumer. */
  queues: Queue[];
  database: LocalDatabase;
}

/** Where the tables are, and their names by the environment variables under which functions know them. */
export interface LocalDatabase {
  endpoint: string;
  region: string;
  tables: Record<string, string>;
}

interface Call {
  parameters: Record<string, string>;
  query: string;
  body: Buffer;
}

interface LocalRoute {
  route_key: string;
  handle: (call: Call) => Promise<HttpAnswer> | HttpAnswer;
}

const card = z.enum(CARDS);
const count = z.int().min(0).max(1000);

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
  pay: z.strictObject({ card: card.default('success') }),
  faults: z.strictObject({
    duplicate: count.default(0),
    reorder: z.boolean().default(false),
    drop: count.default(0),
    drop_for: z.string().optional(),
    fail: count.default(0),
    fail_after: count.default(0),
    rate_limit: count.default(0),
  }),
  card: z.strictObject({ card }),
  dispute: z.strictObject({ payment_intent: z.string().min(1) }),
  close_dispute: z.strictObject({ status: z.enum(['won', 'lost']) }),
};

/** The routes under `/_local`: what one can do to this cloud that one cannot do to AWS's. */
export class LocalRoutes {
  readonly #options: LocalRoutesOptions;
  readonly #table: RouteTable<LocalRoute>;

  constructor(options: LocalRoutesOptions) {
    this.#options = options;
    this.#table = new RouteTable([...this.#ownRoutes(), ...this.#stripeRoutes()]);
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

  /** A path that cannot be decoded is no route's. */
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
        handle: async ({ body }) => jsonAnswer({ token: await issuer.token(read(bodies.token, body)) }),
      },
      { route_key: 'GET /_local/clock', handle: () => jsonAnswer({ now: iso(clock.now()) }) },
      { route_key: 'POST /_local/clock', handle: ({ body }) => this.#moveClock(read(bodies.clock, body)) },
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

  #stripeRoutes(): LocalRoute[] {
    const route = (route_key: string, act: (stripe: FakeStripe, call: Call) => unknown): LocalRoute => ({
      route_key,
      handle: async (call) => jsonAnswer(await asProblem(() => act(this.#fakeStripe(), call))),
    });
    return [
      route('POST /_local/stripe/sessions/{id}/pay', (stripe, { parameters, body }) =>
        stripe.paySession(parameters.id ?? '', read(bodies.pay, body).card),
      ),
      route('POST /_local/stripe/faults', (stripe, { body }) => {
        const faults = read(bodies.faults, body);
        const { drop_for, ...others } = faults;
        stripe.setFaults({ ...others, drop_until: drop_for === undefined ? null : this.#after(drop_for) });
        return faults;
      }),
      route('POST /_local/stripe/customers/{id}/card', (stripe, { parameters, body }) => {
        const wanted = read(bodies.card, body);
        stripe.setCard(parameters.id ?? '', wanted.card);
        return wanted;
      }),
      route('POST /_local/stripe/disputes', (stripe, { body }) =>
        stripe.openDispute(read(bodies.dispute, body).payment_intent),
      ),
      route('POST /_local/stripe/disputes/{id}/close', (stripe, { parameters, body }) =>
        stripe.closeDispute(parameters.id ?? '', read(bodies.close_dispute, body).status),
      ),
    ];
  }

  /** The moment that is so long after now. */
  #after(iso_duration: string): number {
    try {
      return addDuration(this.#options.clock.now(), iso_duration);
    } catch (error) {
      if (error instanceof WrongTime) throw invalid([{ path: 'drop_for', message: error.message }]);
      throw error;
    }
  }

  #fakeStripe(): FakeStripe {
    const { stripe } = this.#options;
    if (stripe !== null) return stripe;
    throw new Refused({
      status: 409,
      code: 'not_with_real_stripe',
      detail: 'Only the fake of Stripe can be told what to do; STRIPE_SECRET_KEY is set.',
    });
  }

  async #moveClock(wanted: z.infer<typeof bodies.clock>): Promise<HttpAnswer> {
    const { stripe, advance } = this.#options;
    if (stripe === null) {
      throw new Refused({
        status: 409,
        code: 'not_with_real_stripe',
        detail: 'The clock of the real Stripe cannot be moved; STRIPE_SECRET_KEY is set.',
      });
    }
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

function invalid(errors: { path: string; message: string }[]): Refused {
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new Refused({ status: 400, code: 'validation_failed', detail, members: { errors } });
}

/** The body, which may be absent when everything in it is optional. Throws `Refused`. */
function read<S extends z.ZodType>(schema: S, body: Buffer): z.infer<S> {
  const text = body.toString().trim() || '{}';
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw invalid([{ path: '', message: 'the body is not JSON' }]);
  }
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw invalid(error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })));
}

/** What the fake refuses, it refuses as Stripe does. */
const stripeErrorSchema = z.object({
  status: z.int().min(400).max(499),
  message: z.string(),
  details: z.object({ code: z.string().optional() }),
});

async function asProblem<T>(act: () => T): Promise<Awaited<T>> {
  try {
    return await act();
  } catch (error) {
    const { success, data } = stripeErrorSchema.safeParse(error);
    if (!success) throw error;
    const is_missing = data.details.code === 'resource_missing';
    throw new Refused(
      is_missing
        ? { status: 404, code: 'not_found', detail: data.message }
        : { status: 400, code: 'bad_request', detail: data.message },
    );
  }
}
