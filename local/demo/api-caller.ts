import * as z from 'zod';

export interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  /** Byte for byte. */
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const members = z.record(z.string(), z.unknown()).catch({});

/** One caller of the API: a user, a service, or nobody. */
export class ApiCaller {
  readonly #url: string;
  readonly #token: string | null;

  constructor(url: string, token: string | null) {
    this.#url = url;
    this.#token = token;
  }

  /** A caller with a token of the local issuer. */
  static async signIn(url: string, claims: { account_id: string; scope?: string }): Promise<ApiCaller> {
    const { body } = await new ApiCaller(url, null).post('/_local/token', claims);
    return new ApiCaller(url, String(body.token));
  }

  get(path: string): Promise<Answer> {
    return this.#send(path, { method: 'GET' });
  }

  post(path: string, body: unknown, idempotency_key?: string): Promise<Answer> {
    const headers = idempotency_key === undefined ? {} : { 'idempotency-key': idempotency_key };
    return this.#send(path, { method: 'POST', body: JSON.stringify(body), headers });
  }

  async #send(
    path: string,
    request: { method: string; body?: string; headers?: Record<string, string> },
  ): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      ...request,
      headers: {
        ...request.headers,
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
      },
    });
    const text = await response.text();
    const is_json = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      replayed: response.headers.get('idempotency-replayed') === 'true',
      text,
      body: is_json ? members.parse(JSON.parse(text)) : {},
    };
  }
}
