import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import Stripe from 'stripe';
import { answerPage } from '../pages/answer-page.ts';
import type { PageAnswer } from '../pages/page-answer.ts';
import { answerCall, type Call, type CallOptions } from './answer-call.ts';
import { decodeForm } from './form.ts';
import type { Idempotency } from './idempotency.ts';

export interface ServerOptions extends CallOptions {
  /** Resolves when the webhooks of all that was done are delivered. */
  settled: () => Promise<void>;
  idempotency: Idempotency;
}

const MAX_BODY_BYTES = 1_000_000;

/** The HTTP server: the API under `/v1`, the hosted pages beside it. */
export function createStripeServer(options: ServerOptions): Server {
  return createServer((request, response) => {
    void serve(options, request, response).catch(() => response.destroy());
  });
}

async function serve(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const method = request.method ?? 'GET';
  if (!path.startsWith('/v1/')) {
    writePage(response, await answerPage(options, method, path, decodeForm(body)));
    return;
  }
  const request_id = options.world.id('req_', 14);
  const form = method === 'POST' ? body : query;
  const call: Call = { method, path, form, headers: request.headers, request_id };
  const answer = await answerCall(options, options.idempotency, call);
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'request-id': request_id,
    'stripe-version': Stripe.API_VERSION,
    ...(answer.key === null ? {} : { 'idempotency-key': answer.key }),
    ...(answer.replayed ? { 'idempotent-replayed': 'true' } : {}),
  });
  response.end(answer.body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    length += buffer.length;
    if (length > MAX_BODY_BYTES) throw new RangeError('The body is too large.');
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function writePage(response: ServerResponse, page: PageAnswer): void {
  if ('location' in page) {
    response.writeHead(303, { location: page.location }).end();
    return;
  }
  response.writeHead(page.status, { 'content-type': 'text/html; charset=utf-8' }).end(page.html);
}
