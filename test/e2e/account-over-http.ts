import { type Answer, type Client, freshUser } from './client.ts';

/** One account, as its user and as a backend see it over HTTP. */
export class AccountOverHttp {
  readonly account_id: string;
  readonly #client: Client;
  readonly #token: string;
  readonly #service: string;

  constructor(client: Client, account_id: string, token: string, service: string) {
    this.account_id = account_id;
    this.#client = client;
    this.#token = token;
    this.#service = service;
  }

  static async open(client: Client, account_id = freshUser()): Promise<AccountOverHttp> {
    return new AccountOverHttp(client, account_id, await client.token(account_id), await client.serviceToken());
  }

  /** As its user: `GET /credits`. */
  user(route: string, body?: unknown, key?: string): Promise<Answer> {
    const [method = '', path = ''] = route.split(' ');
    return this.#send(method, `/api${path}`, this.#token, body, key);
  }

  /** As a backend: `POST /credits/grants` of this account. */
  service(route: string, body?: unknown, key?: string): Promise<Answer> {
    const [method = '', path = ''] = route.split(' ');
    return this.#send(method, `/api/accounts/${encodeURIComponent(this.account_id)}${path}`, this.#service, body, key);
  }

  /** As its user on a route that is for services. */
  intruder(route: string, body?: unknown): Promise<Answer> {
    const [method = '', path = ''] = route.split(' ');
    return this.#send(method, `/api/accounts/${encodeURIComponent(this.account_id)}${path}`, this.#token, body);
  }

  async balance(): Promise<Answer['body']> {
    return (await this.user('GET /credits')).body;
  }

  async verified(): Promise<Answer['body']> {
    return (await this.service('GET /verify')).body;
  }

  /** Answers the id of a hold that was opened. */
  async held(amount: number, more: object = {}): Promise<string> {
    const { body } = await this.service('POST /credits/holds', { amount, description: 'a film', ...more });
    return String(body.hold_id);
  }

  #send(method: string, path: string, token: string, body: unknown, key?: string): Promise<Answer> {
    return this.#client.call(method, path, {
      token,
      ...(typeof body === 'string' ? { raw_body: body } : { body }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  }
}
