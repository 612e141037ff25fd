import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Stripe from 'stripe';
import * as z from 'zod';
import type { Clock } from '../src/fake-stripe.ts';

export interface Received {
  event: Stripe.Event;
  /** The raw body. */
  payload: string;
  signature: string;
}

export interface WebhookReceiver {
  readonly url: string;
  /** Verified events in the order in which they came. */
  readonly received: Received[];
  types(): string[];
  /** How often it was called. */
  attempts(): number;
  /** The secret of the next deliveries. */
  expectSecret(secret: string): void;
  /** So many next deliveries are answered 500 (and not kept). */
  refuse(count: number): void;
  close(): Promise<void>;
}

export const WEBHOOK_SECRET = 'whsec_local_test';

/** A webhook endpoint that takes only what the SDK's own verification accepts. */
export async function startWebhookReceiver(clock: Clock): Promise<WebhookReceiver> {
  const stripe = new Stripe('sk_test_local');
  const received: Received[] = [];
  let refusals = 0;
  let attempts = 0;
  let secret = WEBHOOK_SECRET;
  const server = createServer((request, response) => void receive(request, response));
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    attempts += 1;
    let payload = '';
    for await (const chunk of request) payload += String(chunk);
    if (refusals > 0) {
      refusals -= 1;
      response.writeHead(500).end();
      return;
    }
    const signature = String(request.headers['stripe-signature']);
    try {
      const event = await stripe.webhooks.constructEventAsync(payload, signature, secret, 300, undefined, clock.now());
      received.push({ event, payload, signature });
      response.writeHead(200).end('{"received": true}');
    } catch {
      response.writeHead(400).end();
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}/api/webhooks/stripe`,
    received,
    types: () => received.map(({ event }) => event.type),
    attempts: () => attempts,
    expectSecret: (wanted) => {
      secret = wanted;
    },
    refuse: (count) => {
      refusals = count;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
