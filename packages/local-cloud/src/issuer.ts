import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
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

/** The OpenID issuer of this machine: signs whatever it is asked to, with a key that lives as long as the process. */
export interface Issuer {
  /** Its identity. */
  url: string;
  discovery(): object;
  jwks(): { keys: JWK[] };
  /** A signed JWT. */
  token(request: TokenRequest): Promise<string>;
}

/** Long enough that a token outlives what is done to the virtual clock. */
const usual_lifetime_s = 10 * 365 * 24 * 3600;

export interface IssuerOptions {
  /** The issuer's identity; its discovery document is below it. */
  url: string;
  /** Of the tokens that it signs. */
  audience: string;
  clock: Clock;
}

/** Makes an issuer with a new key. */
export async function createIssuer({ url, audience, clock }: IssuerOptions): Promise<Issuer> {
  const algorithm = 'RS256';
  const { privateKey, publicKey } = await generateKeyPair(algorithm);
  const kid = 'local';
  const key: JWK = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' };
  return {
    url,
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
      return new SignJWT(payload).setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' }).sign(privateKey);
    },
  };
}
