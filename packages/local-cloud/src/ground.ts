import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import type { VirtualClock } from './clock.ts';
import type { Closers } from './closers.ts';
import type { Companion, StartCompanion } from './companion.ts';
import { type Database, type DatabaseChoice, startDatabase } from './database.ts';
import { createIssuer, type Issuer } from './issuer.ts';
import { type CdkApp, type Synthesized, synthesize } from './synthesize.ts';

/**
 * What the deployment stands on: the parts that do not depend on the template, and the template.
 */
export interface Ground {
  database: Database;
  issuer: Issuer;
  companion: Companion | null;
  synthesized: Synthesized;
}

/** Known before the synthesis: what is deployed may carry them. */
export interface Addresses {
  /** Of the HTTP API. */
  api_url: string;
  /** Of the issuer of tokens. */
  issuer_url: string;
  /** Of the page that stands in for the app. */
  app_url: string;
}

export interface GroundOptions {
  /** Of the HTTP API, e.g. `http://127.0.0.1:4000`. */
  api_url: string;
  clock: VirtualClock;
  database: DatabaseChoice;
  startCompanion: StartCompanion | null;
  app: CdkApp;
  /** Of the tokens. */
  audience: string;
  /** CDK context, by the addresses of this cloud. */
  context: (addresses: Addresses) => Record<string, unknown>;
  work_dir: string;
  /** The private key of the issuer; a new one by default. */
  issuer_key?: JWK | undefined;
  /** Stops the synthesis. */
  signal?: AbortSignal;
}

/** Starts, all at once, what the template runs on. */
export async function prepareGround(options: GroundOptions, closers: Closers): Promise<Ground> {
  const { api_url, app, audience, clock, database: kind, startCompanion, work_dir, signal } = options;
  const issuer_url = `${api_url}/_local/issuer`;
  const context = options.context({ api_url, issuer_url, app_url: `${api_url}/_local/app` });
  const out_dir = join(work_dir, 'cdk.out');
  const closing = async <T extends { close(): Promise<void> } | null>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    if (part !== null) closers.add(() => part.close());
    return part;
  };
  const parts = [
    rm(out_dir, { recursive: true, force: true }).then(() =>
      synthesize({ app, out_dir, context, bundle: true, ...(signal && { signal }) }),
    ),
    closing(startDatabase(kind)),
    closing(startCompanion === null ? Promise.resolve(null) : startCompanion({ api_url, clock })),
    createIssuer({ url: issuer_url, audience, clock, key: options.issuer_key }),
  ] as const;
  // A part that fails must not leave behind another one that is still starting.
  await Promise.allSettled(parts);
  const [synthesized, database, companion, issuer] = await Promise.all(parts);
  return { database, issuer, companion, synthesized };
}
