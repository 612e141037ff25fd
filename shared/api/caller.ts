import type { ApiEvent } from './http.ts';
import { Problem, validationFailed } from './problem.ts';
import { type HttpRoute, service_prefix, service_scope, service_scopes } from './route.ts';
import { account_id as account_id_schema, actor as actor_schema } from './schemas.ts';

type Claims = NonNullable<ApiEvent['requestContext']['authorizer']>['jwt']['claims'];

/** Who calls, and on whose account. */
export interface Caller {
  /** '' on public routes, and on routes of services that concern no single account. */
  readonly account_id: string;
  /** The token's subject; '' on public routes. */
  readonly actor: string;
  /** The subject of a user's token; null when a service calls, or nobody. */
  readonly user: string | null;
  /** The person who spends: a user who calls. A service spends for the account as a whole. */
  readonly member?: string;
}

/**
 * Who calls, and on whose account: a user on the account in the token's claim, a service on the
 * account in the path. The gateway has verified token and scope; the scope is checked again here.
 * Throws `unauthorized`, `forbidden`, `validation_failed`.
 */
export function callerOf(event: ApiEvent, form: HttpRoute, account_claim: string): Caller {
  if (form.caller === 'public' || form.caller === 'stripe') return { account_id: '', actor: '', user: null };
  const claims = event.requestContext.authorizer?.jwt.claims;
  if (claims === undefined) throw new Problem('unauthorized', 'Send a token: Authorization: Bearer <JWT>.');
  const actor = actor_schema.safeParse(claims.sub).data;
  if (actor === undefined)
    throw new Problem('forbidden', 'The subject of the token must be 1–128 printable characters.');
  if (form.caller === 'service' && !scopesOf(claims).some((scope) => service_scopes.includes(scope))) {
    throw new Problem('forbidden', `This route is for services: the token needs the scope ${service_scope}.`);
  }
  if (isAboutNoAccount(form)) return { account_id: '', actor, user: null };
  const account_id = accountIdOf(event, form, account_claim);
  if (account_id === undefined) throw noAccount(form, account_claim);
  return form.caller === 'user' ? { account_id, actor, user: actor, member: actor } : { account_id, actor, user: null };
}

/** The request's account; undefined if it names none. */
export function accountIdOf(event: ApiEvent, form: HttpRoute, account_claim: string): string | undefined {
  if (form.caller === 'service') return account_id_schema.safeParse(event.pathParameters?.account_id).data;
  const claim = event.requestContext.authorizer?.jwt.claims[account_claim];
  const named = account_id_schema.safeParse(claim).data;
  return named !== undefined && account_claim !== 'sub' && no_text.test(named) ? undefined : named;
}

/**
 * How a claim reads that is no text in the token: null, a boolean, a list or an object. The gateway
 * hands all claims over as text. Without this check, everybody whose organisation is null would
 * share one account.
 */
const no_text = /^(null|<nil>|true|false|\[.*\]|\{.*\}|map\[.*\])$/;

function isAboutNoAccount({ caller, path }: HttpRoute): boolean {
  return caller === 'service' && !path.startsWith(service_prefix);
}

function noAccount(form: HttpRoute, account_claim: string): Problem {
  return form.caller === 'service'
    ? validationFailed({ path: 'path.account_id', message: 'must be 1–128 printable characters' })
    : new Problem(
        'forbidden',
        `The token names no account in its claim ${account_claim}. Send a token that has this claim, or set accounts.claim in billing.config.ts.`,
      );
}

/** `scope` as in RFC 8693, or `scp`. The gateway writes an array in the token as `[a b]`. */
function scopesOf(claims: Claims): string[] {
  const scope = claims.scope ?? claims.scp ?? '';
  return Array.isArray(scope) ? scope : String(scope).split(/[\s,[\]]+/);
}
