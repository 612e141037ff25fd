import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Problem } from '../../shared/api/problem.ts';
import { httpFormsOf, type Route } from '../../shared/api/route.ts';
import { routes } from '../../shared/api/routes.ts';
import { type ApiFunctionOptions, apiFunction, serve } from '../../shared/api/serve.ts';
import { type Asked, ask, captureLog, service_claims } from './events.ts';

/** Who is let in to a route. */
type Access =
  | 'everybody'
  /** Each on its own account; services on any. */
  | 'users and services'
  /** Services; users only where the configuration lets them. */
  | 'who may spend'
  | 'services';

/** A request that is right, and who may send it. */
interface Example {
  readonly access: Access;
  readonly path?: Record<string, string>;
  readonly query?: string;
  readonly body?: object;
}

const spend = { amount: 1, description: 'x' };
const one_hold = { hold_id: 'hold_1' };

/** Every route: one that is missing here does not compile. */
const examples = {
  plans: { access: 'everybody' },
  checkout: { access: 'users and services', body: { plan: 'pro' } },
  portal: { access: 'users and services' },
  subscription: { access: 'users and services' },
  stripe_webhook: { access: 'everybody' },
  credits: { access: 'users and services' },
  check: { access: 'users and services', query: 'amount=1' },
  deduct: { access: 'who may spend', body: spend },
  deduct_batch: { access: 'services', body: { items: [{ key: 'k', ...spend }] } },
  transactions: { access: 'users and services' },
  transaction: { access: 'users and services', path: { entry_id: 'use:k' } },
  grant: { access: 'services', body: spend },
  refund: { access: 'services', body: { entry_id: 'use:k' } },
  verify: { access: 'services' },
  holds: { access: 'users and services' },
  hold: { access: 'who may spend', body: spend },
  settle: { access: 'who may spend', path: one_hold, body: { amount: 0 } },
  release: { access: 'who may spend', path: one_hold },
  member_cap: { access: 'services', path: { member: 'ann' } },
  put_member_cap: { access: 'services', path: { member: 'ann' }, body: { monthly_credits: 1 } },
  delete_member_cap: { access: 'services', path: { member: 'ann' } },
  features: { access: 'users and services' },
  feature: { access: 'users and services', path: { feature: 'ads' } },
  put_feature_override: { access: 'services', path: { feature: 'ads' }, body: { allowed: true } },
  delete_feature_override: { access: 'services', path: { feature: 'ads' } },
  record_usage: { access: 'who may spend', body: { feature: 'ads' } },
  usage: { access: 'users and services' },
  health: { access: 'everybody' },
  openapi: { access: 'everybody' },
  stripe_events: { access: 'services' },
  replay_stripe_event: { access: 'services', path: { id: 'evt_1' } },
  start_reconciliation: { access: 'services' },
  reconciliation: { access: 'services' },
} satisfies Record<keyof typeof routes, Example>;

/** Who calls, by the claims of the token. */
const callers = [
  ['nobody', undefined],
  ['the user', { sub: 'u_1' }],
  ['another user', { sub: 'u_2' }],
  ['a service', service_claims],
] as const;
type Claims = (typeof callers)[number][1];

/** What a caller meets: the account on which it is let in, or the code of its refusal. */
function expected(access: Access, is_for_services: boolean, claims: Claims, users_may_spend: boolean): string {
  if (access === 'everybody') return 'let in on ';
  if (claims === undefined) return 'unauthorized';
  if (is_for_services) return 'scope' in claims ? 'let in on u_1' : 'forbidden';
  if (access === 'who may spend' && !users_may_spend) return 'spending_by_users_off';
  // On a user's route a service is a user like others.
  return `let in on ${claims.sub}`;
}

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/**
 * The code that the form of the route answers, or the account on which it has let the caller in.
 */
async function askedBy(route: Route, asked: Asked, users_may_spend: boolean): Promise<string> {
  const options: ApiFunctionOptions = { clock: () => 0, account_claim: 'sub', users_may_spend };
  const inside = serve(route, async ({ account_id }) => {
    throw new Problem('no_customer', `let in on ${account_id}`);
  });
  const { body } = await ask(apiFunction(route.served_by, [inside], options), asked);
  return String(body.code === 'no_customer' ? body.detail : body.code);
}

const example_of: Readonly<Record<string, Example>> = examples;
const cases = Object.entries<Route>(routes).flatMap(([name, route]) =>
  httpFormsOf(route).map((form) => [form.route_key, form, example_of[name]] as const),
);

describe.each([false, true])('with spending.by_users %s', (users_may_spend) => {
  describe.each(callers)('%s', (_, claims) => {
    test.each(cases)('gets on %s what the route says', async (route_key, form, example) => {
      if (example === undefined) throw new Error(`no example of ${route_key}`);
      const { path, query = '', body = {}, access } = example;
      const names_account = form.path.includes('{account_id}');
      const named = { ...(names_account ? { account_id: 'u_1' } : {}), ...path };
      const asked = { route_key, path: named, query, claims, ...(form.method === 'GET' ? {} : { body }) };
      const is_for_services = form.caller === 'service';
      const right = expected(access, is_for_services, claims, users_may_spend);
      const answer = await askedBy(form.route, asked, users_may_spend);
      expect(answer).toBe(is_for_services && !names_account ? right.replace('u_1', '') : right);
    });
  });
});
