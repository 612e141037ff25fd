import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { JwtAuthorizerSpec } from './system.ts';

/** The token is missing or not to be trusted. */
export class Unauthorized extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unauthorized';
  }
}

/** The token has none of the route's scopes. */
export class MissingScope extends Error {
  constructor(scopes: string[]) {
    super(`the token has none of the scopes ${scopes.join(', ')}`);
    this.name = 'MissingScope';
  }
}

/** The issuer does not say where its keys are; the message says what it did instead. */
export class IssuerNotFound extends Error {
  constructor(issuer: string, reason: string) {
    super(`the issuer ${issuer} is not to be found: ${reason}`);
    this.name = 'IssuerNotFound';
  }
}

/** Whose tokens count, and for whom they have to be. */
export type TrustedIssuer = Pick<JwtAuthorizerSpec, 'issuer' | 'audience'>;

export interface Authorized {
  /** As the function gets them: all strings, without claims that are null. */
  claims: Record<string, string>;
  scopes: string[] | null;
}

/** What API Gateway accepts. */
const algorithms = ['RS256', 'RS384', 'RS512'];

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/**
 * A JWT authorizer of an HTTP API: checks signature (by the issuer's published keys), iss, aud or
 * client_id, exp, nbf and scopes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export class JwtAuthorizers {
  readonly #clock: Clock;
  readonly #own: TrustedIssuer | null;
  readonly #key_sets = new Map<string, Promise<KeySet>>();

  /**
   * Tokens of the `own` issuer count on every route, whichever issuer the route's authorizer names.
   */
  constructor(clock: Clock, own: TrustedIssuer | null = null) {
    this.#clock = clock;
    this.#own = own;
  }

  /** Looks for the issuer's keys before the first token needs them. Throws `IssuerNotFound`. */
  async discover(issuer: string): Promise<void> {
    await this.#keysOf(issuer);
  }

  /** Throws `Unauthorized` or `MissingScope`. `credential` is the header's value. */
  async authorize(
    spec: JwtAuthorizerSpec,
    route_scopes: string[],
    credential: string | undefined,
  ): Promise<Authorized> {
    if (credential === undefined || credential === '') throw new Unauthorized('there is no token');
    const token = credential.replace(/^bearer\s+/i, '');
    const { issuer, audience: accepted } = this.#trustedFor(spec, token);
    const claims = await this.#verify(issuer, token);
    const audiences = claims.aud === undefined ? [claims.client_id] : [claims.aud].flat();
    if (!audiences.some((audience) => typeof audience === 'string' && accepted.includes(audience))) {
      throw new Unauthorized('the token does not have a valid audience');
    }
    const own = scopesOf(claims);
    const matching = route_scopes.filter((scope) => own.includes(scope));
    if (route_scopes.length > 0 && matching.length === 0) throw new MissingScope(route_scopes);
    const strings = Object.entries(claims).flatMap(([name, value]) =>
      value === null ? [] : [[name, claimText(value)]],
    );
    return { claims: Object.fromEntries(strings), scopes: route_scopes.length > 0 ? matching : null };
  }

  /** Which issuer's keys to verify it by. The token only says whose it wants to be. */
  #trustedFor(spec: JwtAuthorizerSpec, token: string): TrustedIssuer {
    if (this.#own === null) return spec;
    try {
      return decodeJwt(token).iss === this.#own.issuer ? this.#own : spec;
    } catch {
      return spec;
    }
  }

  async #verify(issuer: string, token: string): Promise<JWTPayload> {
    try {
      const keys = await this.#keysOf(issuer);
      const currentDate = new Date(this.#clock.now());
      const { payload } = await jwtVerify(token, keys, { issuer, algorithms, currentDate, requiredClaims: ['exp'] });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new Unauthorized('the token has expired');
      if (error instanceof errors.JWTClaimValidationFailed) {
        throw new Unauthorized(`the token's claim ${error.claim} is not accepted`);
      }
      if (error instanceof IssuerNotFound) throw new Unauthorized(error.message);
      if (error instanceof errors.JWKSTimeout) throw error;
      if (error instanceof errors.JOSEError) throw new Unauthorized('the token is not signed by the issuer');
      throw error;
    }
  }

  #keysOf(issuer: string): Promise<KeySet> {
    const known = this.#key_sets.get(issuer) ?? discoverKeys(issuer);
    this.#key_sets.set(issuer, known);
    // An issuer that did not answer is asked again the next time.
    known.catch(() => this.#key_sets.delete(issuer));
    return known;
  }
}

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
const discovery_patience_ms = 5000;

/** https://openid.net/specs/openid-connect-discovery-1_0.html */
async function discoverKeys(issuer: string): Promise<KeySet> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = await readDocument(url).catch((error: unknown) => {
    throw new IssuerNotFound(issuer, `${url} does not answer as it should (${reasonOf(error)})`);
  });
  const { success, data } = discoverySchema.safeParse(document);
  if (!success) throw new IssuerNotFound(issuer, `${url} names no issuer with a jwks_uri`);
  if (data.issuer !== issuer) throw new IssuerNotFound(issuer, `${url} is of ${data.issuer}, which is another one`);
  return createRemoteJWKSet(new URL(data.jwks_uri));
}

async function readDocument(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(discovery_patience_ms) });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function scopesOf({ scope, scp }: JWTPayload): string[] {
  const given = scope ?? scp;
  if (Array.isArray(given)) return given.filter((each) => typeof each === 'string');
  return typeof given === 'string' ? given.split(' ') : [];
}

/** API Gateway hands claims over as text; a list becomes `[a b]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
