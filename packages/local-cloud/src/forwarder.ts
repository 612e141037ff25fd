import { Agent, type IncomingHttpHeaders, request as startRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { HttpAnswer, HttpRequest } from './http-server.ts';

/** Headers that are about one connection and not about what goes over it. */
const of_connection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']);

/** Hands requests on to another HTTP server, byte for byte, over connections that stay open. */
export class Forwarder {
  readonly #endpoint: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(endpoint: string) {
    this.#endpoint = new URL(endpoint);
  }

  /** The other server's answer. Throws when it does not answer. */
  async send({ method, target, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const outgoing = startRequest(new URL(target, this.#endpoint), {
      method,
      agent: this.#agent,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !of_connection.has(name))),
    });
    const answered = new Promise<HttpAnswer>((resolve, reject) => {
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        buffer(incoming).then((bytes) => {
          resolve({ status: incoming.statusCode ?? 502, headers: headersOf(incoming.headers), body: bytes });
        }, reject);
      });
    });
    outgoing.end(body);
    return answered;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function headersOf(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !of_connection.has(name)) kept[name] = value;
  }
  return kept;
}
