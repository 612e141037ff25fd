import type { creditsApi } from '../../../functions/credits/api.ts';
import { type Answer, type Asked, ask, service_claims } from '../../api/events.ts';

type Handler = ReturnType<typeof creditsApi>;
type Request = Omit<Partial<Asked>, 'route_key' | 'claims'> & { key?: string | undefined };

/**
 * One account's calls of the credits function: those of its user, and those of a service for it,
 * which spends.
 */
export class AccountCaller {
  readonly account_id: string;
  readonly #handler: Handler;
  readonly #claims: Record<string, string>;

  /** The claims of the user's token, unless its subject is the account. */
  constructor(handler: Handler, account_id: string, claims: Record<string, string> = { sub: account_id }) {
    this.#handler = handler;
    this.account_id = account_id;
    this.#claims = claims;
  }

  /** The same account, asked of another process or at another time. */
  at(handler: Handler): AccountCaller {
    return new AccountCaller(handler, this.account_id, this.#claims);
  }

  /** As its user: a route under `/api`. */
  user(route: string, { key, ...asked }: Request = {}): Promise<Answer> {
    return ask(this.#handler, { ...asked, route_key: route, claims: this.#claims, ...keyed(key) });
  }

  /** As a service: what follows the account in the path. */
  service(route: string, { key, path = {}, ...asked }: Request = {}): Promise<Answer> {
    const route_key = route.replace(' ', ' /api/accounts/{account_id}');
    const named = { account_id: this.account_id, ...path };
    return ask(this.#handler, { ...asked, route_key, path: named, claims: service_claims, ...keyed(key) });
  }

  /** Who deducts and holds: a service. */
  spend(route: string, request: Request): Promise<Answer> {
    return this.service(route, request);
  }

  async balance(): Promise<Answer['body']> {
    return (await this.user('GET /api/credits')).body;
  }

  deduct(amount: number, key?: string, more: object = {}): Promise<Answer> {
    return this.spend('POST /credits/deduct', { key, body: { amount, description: 'a draft', ...more } });
  }

  hold(amount: number, key?: string, more: object = {}): Promise<Answer> {
    return this.spend('POST /credits/holds', { key, body: { amount, description: 'a film', ...more } });
  }

  /** Answers the id of a hold that was opened. */
  async held(amount: number, more: object = {}): Promise<string> {
    return String((await this.hold(amount, undefined, more)).body.hold_id);
  }

  settle(hold_id: string, body: object): Promise<Answer> {
    return this.spend('POST /credits/holds/{hold_id}/settle', { path: { hold_id }, body });
  }

  release(hold_id: string): Promise<Answer> {
    return this.spend('POST /credits/holds/{hold_id}/release', { path: { hold_id } });
  }

  grant(body: object, key?: string): Promise<Answer> {
    return this.service('POST /credits/grants', { key, body: { description: 'a gift', ...body } });
  }

  refund(body: object, key?: string): Promise<Answer> {
    return this.service('POST /credits/refunds', { key, body });
  }

  batch(items: object[], key?: string): Promise<Answer> {
    return this.service('POST /credits/deduct-batch', { key, body: { items } });
  }

  async verified(): Promise<Answer['body']> {
    return (await this.service('GET /verify')).body;
  }
}

/** A user who spends with the own token, where the configuration lets users. */
export class SpendingUser extends AccountCaller {
  override spend(route: string, request: Request): Promise<Answer> {
    return this.user(route.replace(' ', ' /api'), request);
  }
}

function keyed(key: string | undefined) {
  return key === undefined ? {} : { headers: { 'idempotency-key': key } };
}

/** Whether the answer says that it was given before. */
export function isReplay({ headers }: Answer): boolean {
  return headers['idempotency-replayed'] === 'true';
}
