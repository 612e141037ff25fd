import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * What happens to a request: refused by 429 or 500 before it takes effect, or answered by 500
 * after; `failed_for_good`: that answer is kept under the request's idempotency key.
 */
export const storms = ['rate_limited', 'failed_before', 'failed_after', 'failed_for_good'] as const;
export type Storm = (typeof storms)[number];

/**
 * A way to Stripe on which the n-th and the next request of each test fare badly, so that the SDK's
 * own second try does too.
 */
export class StormyStripe {
  readonly url: string;
  readonly close: () => Promise<void>;
  requests = 0;
  readonly #kept = new Set<string>();
  #storm: { readonly storm: Storm; readonly from: number; readonly through: number } | null = null;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.close = close;
  }

  static async start(stripe_url: string): Promise<StormyStripe> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('listens on a port');
    const stormy = new StormyStripe(`http://127.0.0.1:${address.port}`, async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void stormy.#pass(stripe_url, request, response);
    });
    return stormy;
  }

  /** From the n-th request on, so many fare badly. */
  brew(storm: Storm, nth: number, requests = 2): void {
    this.requests = 0;
    this.#storm = { storm, from: nth, through: nth + requests - 1 };
  }

  calm(): void {
    this.#storm = null;
  }

  async #pass(stripe_url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const { storm, from, through } = this.#storm ?? { storm: null, from: 0, through: -1 };
    const is_hit = this.requests >= from && this.requests <= through;
    if (is_hit && storm === 'rate_limited') return refuse(response, 429, 'rate_limit_error');
    if (is_hit && storm === 'failed_before') return refuse(response, 500, 'api_error');
    const key = request.headers['idempotency-key'];
    if (typeof key === 'string' && this.#kept.has(key)) return refuse(response, 500, 'api_error', true);
    if (is_hit && storm === 'failed_for_good' && typeof key === 'string') this.#kept.add(key);
    const { method = 'GET', url = '/' } = request;
    const answer = await fetch(`${stripe_url}${url}`, {
      method,
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        /^(authorization|content-type|idempotency-key|stripe-version)$/.test(name) ? [[name, String(value)]] : [],
      ),
      body: method === 'GET' ? null : await text(request),
    });
    const body = await answer.text();
    if (is_hit) return refuse(response, 500, 'api_error');
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
  }
}

function refuse(response: ServerResponse, status: number, type: string, is_replay = false): void {
  const replayed = is_replay ? { 'idempotent-replayed': 'true' } : {};
  response
    .writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_storm', ...replayed })
    .end(JSON.stringify({ error: { type, message: 'a storm' } }));
}
