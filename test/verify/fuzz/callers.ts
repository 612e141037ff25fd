import { createIssuer, type Issuer } from '@billing-credits/local-cloud';
import type { Api, TokenWish } from './wire.ts';

/** `ann` and `ben` are of the organisation a, `bea` is b. */
export const good_callers = ['ann', 'ben', 'bea', 'service'] as const;
export const bad_callers = [
  'nobody',
  'garbage',
  'no scheme',
  'expired',
  'forged',
  'unsigned',
  'other audience',
  'scope of others',
  'no account',
  'account ..',
  'long account',
  'no subject',
  'empty subject',
  'subject with a line break',
  'subject that is a number',
  'subject that is a list',
  'service without subject',
] as const;

export type CallerName = (typeof good_callers)[number] | (typeof bad_callers)[number];

export interface Caller {
  /** Of the Authorization header; null sends none. */
  readonly authorization: string | null;
  /** On whose account it calls the routes of users, if the token is taken. */
  readonly account_id: string | null;
}

/** The people of one sequence. */
export interface Cast {
  readonly a: string;
  readonly b: string;
  readonly ann: string;
  readonly ben: string;
}

type Claim = string | number | readonly string[] | undefined;

interface Wish {
  readonly sub: Claim;
  readonly account?: Claim;
  readonly more?: Omit<TokenWish, 'account_id'>;
}

/** Makes the callers of a sequence when they are first needed: each signature costs time. */
export class Callers {
  readonly #api: Api;
  readonly #cast: Cast;
  readonly #made = new Map<CallerName, Promise<Caller>>();

  constructor(api: Api, cast: Cast) {
    this.#api = api;
    this.#cast = cast;
  }

  get(name: CallerName): Promise<Caller> {
    const known = this.#made.get(name) ?? this.#make(name);
    this.#made.set(name, known);
    return known;
  }

  async #make(name: CallerName): Promise<Caller> {
    if (name === 'nobody') return { authorization: null, account_id: null };
    if (name === 'garbage')
      return { authorization: 'Bearer garbage.of-some-length.that-nobody-signed', account_id: null };
    const wish = this.#wishOf(name);
    const token = await this.#token(wish);
    if (name === 'no scheme') return { authorization: token, account_id: this.#accountOf(wish) };
    if (name === 'unsigned') return { authorization: `Bearer ${withoutSignature(token)}`, account_id: null };
    if (name === 'forged') return { authorization: `Bearer ${await forged(token)}`, account_id: null };
    return { authorization: `Bearer ${token}`, account_id: this.#accountOf(wish) };
  }

  #wishOf(name: CallerName): Wish {
    const { a, b, ann, ben } = this.#cast;
    switch (name) {
      case 'bea':
        return { sub: b, account: b };
      case 'ben':
        return { sub: ben, account: a };
      case 'service':
        return { sub: 'backend', more: { scope: 'openid billing:service' } };
      case 'expired':
        return { sub: ann, account: a, more: { expires_in: -60 } };
      case 'other audience':
        return { sub: ann, account: a, more: { claims: { aud: 'somebody-else' } } };
      case 'scope of others':
        return { sub: ann, account: a, more: { scope: 'billing:service2 xbilling:service BILLING:SERVICE' } };
      case 'no account':
        return { sub: ann };
      case 'account ..':
        return { sub: '..', account: '..' };
      case 'long account':
        return { sub: 'x'.repeat(129), account: 'x'.repeat(129) };
      case 'no subject':
        return { sub: undefined, account: a };
      case 'empty subject':
        return { sub: '', account: a };
      case 'subject with a line break':
        return { sub: 'a\nb', account: a };
      case 'subject that is a number':
        return { sub: 7, account: a };
      case 'subject that is a list':
        return { sub: [ann, ben], account: a };
      case 'service without subject':
        return { sub: '', more: { scope: 'billing:service' } };
      default:
        return { sub: ann, account: a };
    }
  }

  #token({ sub, account, more = {} }: Wish): Promise<string> {
    const { account_claim } = this.#api;
    const named = account_claim === 'sub' || account === undefined ? {} : { [account_claim]: account };
    return this.#api.token({ account_id: 'x', ...more, claims: { sub, ...named, ...more.claims } });
  }

  #accountOf({ sub, account }: Wish): string | null {
    const named = this.#api.account_claim === 'sub' ? sub : account;
    if (named === undefined) return null;
    // As API Gateway writes it.
    return typeof named === 'object' ? `[${named.join(' ')}]` : String(named);
  }
}

function payloadOf(token: string): string {
  return token.split('.')[1] ?? '';
}

function withoutSignature(token: string): string {
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payloadOf(token)}.`;
}

let forger: Promise<Issuer> | undefined;

/** The same claims, under the same key id, signed by another key. */
async function forged(token: string): Promise<string> {
  forger ??= createIssuer({
    url: 'http://forger.example',
    audience: 'billing-credits',
    clock: { now: () => Date.now() },
  });
  const claims: unknown = JSON.parse(Buffer.from(payloadOf(token), 'base64url').toString());
  return (await forger).token({ account_id: 'x', claims: Object.fromEntries(Object.entries(Object(claims))) });
}
