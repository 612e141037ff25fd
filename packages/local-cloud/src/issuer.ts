import { createPublicKey } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Clock } from './clock.ts';

export interface TokenRequest {
  /** Becomes the `sub` claim. */
  account_id: string;
  /** Separated by spaces. */
  scope?: string | undefined;
  /** Seconds from now; a negative number makes a token that has expired. */
  expires_in?: number | undefined;
  /** Further claims; they win over the issuer's own. */
  claims?: Record<string, unknown> | undefined;
}

/** The OpenID issuer of this machine. It signs whatever it is asked to sign. */
export interface Issuer {
  /** Its identity. */
  url: string;
  discovery(): object;
  jwks(): { keys: JWK[] };
  /** A signed JWT. */
  token(request: TokenRequest): Promise<string>;
  /** Its private key, for an issuer that takes its place. */
  key(): JWK;
}

/** Long enough that a token outlives what is done to the virtual clock. */
const usual_lifetime_s = 10 * 365 * 24 * 3600;

export interface IssuerOptions {
  /** The issuer's identity; its discovery document is below it. */
  url: string;
  /** Of the tokens that it signs. */
  audience: string;
  clock: Clock;
  /** The private key; a new one by default. */
  key?: JWK | undefined;
}

/** Makes an issuer. */
export async function createIssuer({ url, audience, clock, key: given }: IssuerOptions): Promise<Issuer> {
  const algorithm = 'RS256';
  const private_key = given ?? (await exportJWK((await generateKeyPair(algorithm, { extractable: true })).privateKey));
  const signing_key = await importJWK(private_key, algorithm);
  const kid = 'local';
  const public_key = createPublicKey({ key: { ...private_key }, format: 'jwk' });
  const key: JWK = { ...(await exportJWK(public_key)), kid, alg: algorithm, use: 'sig' };
  return {
    url,
    key: () => private_key,
    discovery: () => ({
      issuer: url,
      jwks_uri: `${url}/.well-known/jwks.json`,
      token_endpoint: `${new URL(url).origin}/_local/token`,
      response_types_supported: ['token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
    }),
    jwks: () => ({ keys: [key] }),
    token: ({ account_id, scope, expires_in = usual_lifetime_s, claims = {} }) => {
      const now_s = Math.floor(clock.now() / 1000);
      const payload: JWTPayload = {
        iss: url,
        aud: audience,
        sub: account_id,
        iat: now_s,
        exp: now_s + expires_in,
        ...(scope !== undefined && { scope }),
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' }).sign(signing_key);
    },
  };
}
