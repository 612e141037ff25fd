import type { IncomingHttpHeaders } from 'node:http';
import Stripe from 'stripe';
import type { Faults } from '../webhooks/faults.ts';
import type { Clock, World } from '../world.ts';
import { invalidRequest, StripeApiError } from './errors.ts';
import { expand } from './expand.ts';
import { decodeForm, type FormValue } from './form.ts';
import type { Answer, Idempotency } from './idempotency.ts';
import { matchRoute, type Route } from './route.ts';
import { routes } from './routes.ts';

export interface CallOptions {
  world: World;
  clock: Clock;
  faults: Faults;
  /** How long a call takes, in milliseconds. */
  latency_ms: number;
}

export interface Call {
  method: string;
  path: string;
  /** The body of a POST, or the query of another request. */
  form: string;
  headers: IncomingHttpHeaders;
  request_id: string;
}

/** The API's answer to one call: its success or its refusal. */
export async function answerCall(
  options: CallOptions,
  idempotency: Idempotency,
  call: Call,
): Promise<Answer & { replayed: boolean; key: string | null }> {
  const { world, clock, faults } = options;
  const given = call.headers['idempotency-key'];
  const key = call.method === 'POST' && typeof given === 'string' && given !== '' ? given : null;
  try {
    authenticate(call.headers.authorization);
    checkVersion(call.headers['stripe-version']);
    refuseByFault(faults);
    const work = () => execute(options, call, key);
    const request = `${call.method} ${call.path} ${call.form}`;
    const answer =
      key === null
        ? { ...(await work()), replayed: false }
        : await idempotency.run({ key, request, now: clock.now() }, work);
    if (faults.fail_after === 0) return { ...answer, key };
    faults.fail_after -= 1;
    throw unknownError();
  } catch (error) {
    return { ...errorAnswer(world, error, call.request_id), replayed: false, key };
  }
}

/** @throws StripeApiError 429 or 500 if a fault asks for it. Nothing is done then. */
function refuseByFault(faults: Faults): void {
  if (faults.rate_limit > 0) {
    faults.rate_limit -= 1;
    const message =
      'Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits.';
    throw new StripeApiError(429, 'invalid_request_error', message, { code: 'rate_limit' });
  }
  if (faults.fail > 0) {
    faults.fail -= 1;
    throw unknownError();
  }
}

function unknownError(): StripeApiError {
  return new StripeApiError(500, 'api_error', 'An unknown error occurred.');
}

/** @throws StripeApiError 401 */
function authenticate(authorization: string | undefined): void {
  const [scheme = '', credentials = ''] = (authorization ?? '').split(' ', 2);
  const key =
    scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString().split(':')[0] : credentials;
  if (!key) {
    const message =
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
    throw new StripeApiError(401, 'invalid_request_error', message);
  }
  if (!key.startsWith('sk_test_')) {
    throw new StripeApiError(401, 'invalid_request_error', `Invalid API Key provided: ${key.slice(0, 8)}***`);
  }
}

/** Refuses a client of another API version, because answers have one version's shape. */
function checkVersion(header: string | string[] | undefined): void {
  const version = String(header ?? Stripe.API_VERSION);
  if (version === Stripe.API_VERSION) return;
  throw invalidRequest(`This fake of Stripe speaks API version ${Stripe.API_VERSION} only, not ${version}.`);
}

/**
 * Runs the call's route. The idempotency key keeps a success or a declined card, but no other
 * refusal.
 */
async function execute(
  { world, latency_ms }: CallOptions,
  call: Call,
  idempotency_key: string | null,
): Promise<Answer & { remember: boolean }> {
  await new Promise((resolve) => setTimeout(resolve, latency_ms));
  try {
    const { route, id } = findRoute(call);
    const { expand: paths, ...params } = decodeForm(call.form);
    const request: Stripe.Event.Request = { id: call.request_id, idempotency_key };
    const answer = world.act(() => route.handle(world, id, params), { request });
    return { status: 200, body: JSON.stringify(expand(world, answer, expandPaths(paths)), null, 2), remember: true };
  } catch (error) {
    const answer = errorAnswer(world, error, call.request_id);
    return { ...answer, remember: answer.status === 402 };
  }
}

function findRoute({ method, path }: Call): { route: Route; id: string } {
  const found = matchRoute(routes, method, path);
  if (found !== null) return found;
  const message = `Unrecognized request URL (${method}: ${path}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. The fake of Stripe does what its README says.`;
  throw new StripeApiError(404, 'invalid_request_error', message);
}

function expandPaths(given: FormValue | undefined): string[] {
  if (given === undefined) return [];
  if (Array.isArray(given)) return given.map(String);
  throw invalidRequest('Invalid array', { param: 'expand' });
}

function errorAnswer(world: World, error: unknown, request_id: string): Answer {
  const known =
    error instanceof StripeApiError
      ? error
      : new StripeApiError(500, 'api_error', `The fake of Stripe failed at ${world.url}: ${String(error)}`);
  return { status: known.status, body: JSON.stringify(known.toBody(request_id), null, 2) };
}
