import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { routes } from '../../shared/api/routes.ts';
import { stripe_event_types } from '../../shared/stripe/event-types.ts';
import type { FakeStripe } from '../stripe/fake-stripe.ts';
import { startAwsEndpoint } from './aws-endpoint.ts';
import type { VirtualClock } from './clock.ts';
import type { Closers } from './closers.ts';
import { type Database, type DatabaseKind, startDatabase } from './database.ts';
import { type HttpServer, PortInUse } from './http-server.ts';
import { audience, createIssuer, type Issuer } from './issuer.ts';
import type { Queue } from './queue.ts';
import { type Synthesized, synthesize } from './synthesize.ts';

/** What the deployment stands on: the parts that do not depend on the template, and the template. */
export interface Ground {
  aws: HttpServer;
  aws_parts: { queues: Map<string, Queue>; secrets: Map<string, string> };
  database: Database;
  issuer: Issuer;
  stripe: FakeStripe | null;
  synthesized: Synthesized;
}

export interface GroundOptions {
  /** Of the HTTP API, e.g. `http://127.0.0.1:4000`. */
  api_url: string;
  clock: VirtualClock;
  database: DatabaseKind;
  /** Null when the real Stripe is in use. */
  fake_stripe: { port: number; webhook_secret: string } | null;
  work_dir: string;
  /** Stops the synthesis. */
  signal?: AbortSignal;
}

/** Starts, all at once, what the template runs on. */
export async function prepareGround(options: GroundOptions, closers: Closers): Promise<Ground> {
  const { api_url, clock, database: kind, work_dir, signal } = options;
  const issuer_url = `${api_url}/_local/issuer`;
  const context = { stage: 'local', issuer: issuer_url, audience, appUrl: `${api_url}/_local/app` };
  const out_dir = join(work_dir, 'cdk.out');
  const aws_parts = { queues: new Map<string, Queue>(), secrets: new Map<string, string>() };
  const closing = async <T extends { close(): Promise<void> } | null>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    if (part !== null) closers.add(() => part.close());
    return part;
  };
  const parts = [
    rm(out_dir, { recursive: true, force: true }).then(() =>
      synthesize({ out_dir, context, bundle: true, ...(signal && { signal }) }),
    ),
    closing(startDatabase(kind)),
    closing(startStripe(options)),
    closing(startAwsEndpoint(aws_parts)),
    createIssuer(issuer_url, clock),
  ] as const;
  // A part that fails must not leave behind another one that is still starting.
  await Promise.allSettled(parts);
  const [synthesized, database, stripe, aws, issuer] = await Promise.all(parts);
  return { aws, aws_parts, database, issuer, stripe, synthesized };
}

async function startStripe({ api_url, clock, fake_stripe }: GroundOptions): Promise<FakeStripe | null> {
  if (fake_stripe === null) return null;
  const { port, webhook_secret: secret } = fake_stripe;
  // Loaded only now, while the synthesis runs in its own process.
  const { default: config } = await import('#billing-config');
  const { startFakeStripe } = await import('../stripe/fake-stripe.ts');
  const { wantedProducts } = await import('../stripe-sync/wanted.ts');
  const webhook = { url: `${api_url}${routes.stripe_webhook.path}`, secret, events: stripe_event_types };
  try {
    return await startFakeStripe({ clock, port, seed: { products: wantedProducts(config) }, webhook });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') throw new PortInUse(port);
    throw error;
  }
}
