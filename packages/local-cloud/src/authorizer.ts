import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
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

export interface Authorized {
  /** As the function gets them: all strings. */
  claims: Record<string, string>;
  scopes: string[] | null;
}

/** What API Gateway accepts. */
const algorithms = ['RS256', 'RS384', 'RS512'];

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/**
 * A JWT authorizer of an HTTP API: checks signature (by the issuer's published keys), iss, aud or client_id, exp, nbf and scopes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export class JwtAuthorizers {
  readonly #clock: Clock;
  readonly #key_sets = new Map<string, Promise<KeySet>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `Unauthorized` or `MissingScope`. `credential` is the header's value. */
  async authorize(
    spec: JwtAuthorizerSpec,
    route_scopes: string[],
    credential: string | undefined,
  ): Promise<Authorized> {
    if (credential === undefined || credential === '') throw new Unauthorized('there is no token');
    const claims = await this.#verify(spec, credential.replace(/^bearer\s+/i, ''));
    const audiences = claims.aud === undefined ? [claims.client_id] : [claims.aud].flat();
    if (!audiences.some((audience) => typeof audience === 'string' && spec.audience.includes(audience))) {
      throw new Unauthorized('the token does not have a valid audience');
    }
    const own = scopesOf(claims);
    const matching = route_scopes.filter((scope) => own.includes(scope));
    if (route_scopes.length > 0 && matching.length === 0) throw new MissingScope(route_scopes);
    const strings = Object.entries(claims).map(([name, value]) => [name, claimText(value)]);
    return { claims: Object.fromEntries(strings), scopes: route_scopes.length > 0 ? matching : null };
  }

  async #verify({ issuer }: JwtAuthorizerSpec, token: string): Promise<JWTPayload> {
    const keys = await this.#keysOf(issuer);
    try {
      const currentDate = new Date(this.#clock.now());
      const { payload } = await jwtVerify(token, keys, { issuer, algorithms, currentDate, requiredClaims: ['exp'] });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new Unauthorized('the token has expired');
      if (error instanceof errors.JWTClaimValidationFailed) {
        throw new Unauthorized(`the token's claim ${error.claim} is not accepted`);
      }
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

async function discoverKeys(issuer: string): Promise<KeySet> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { jwks_uri } = discoverySchema.parse(await answer.json());
  return createRemoteJWKSet(new URL(jwks_uri));
}

function scopesOf({ scope, scp }: JWTPayload): string[] {
  const given = scope ?? scp;
  if (Array.isArray(given)) return given.map(String);
  return typeof given === 'string' ? given.split(' ') : [];
}

/** API Gateway hands claims over as text; a list becomes `[a b]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
