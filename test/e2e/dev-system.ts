import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import Stripe from 'stripe';
import { startNode } from '../run-node.ts';
import type { ProjectCopy } from './project-copy.ts';

/**
 * When the local clock begins in tests: always at the same moment, so that they pass on every day.
 * `E2E_START` says another one.
 */
export const first_moment = process.env.E2E_START ?? '2026-03-10T09:00:00Z';

const patience_ms = 120_000;

/** What it prints when everything answers: where the API and the fake Stripe are. */
const said = /stripe +(http:\S+)[\s\S]*ready (http:\S+)/;

const { PATH = '', HOME = '', DYNAMODB = '' } = process.env;
/** As little as a user's terminal has; free ports. */
export const user_environment = { PATH, HOME, DYNAMODB, PORT: '0', START: first_moment };

/** `npm run dev` as a user starts it, on free ports. */
export interface DevSystem {
  readonly url: string;
  readonly stripe_url: string;
  readonly process: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** Stops it by a signal; answers the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function startDevSystem(
  environment: Record<string, string> = {},
  copy: ProjectCopy | null = null,
): Promise<DevSystem> {
  const child = startNode(['local/main.ts'], { ...user_environment, ...environment }, copy);
  let printed = '';
  const exited = once(child, 'exit');
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not ready after ${patience_ms} ms:\n${printed}`));
    }, patience_ms);
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      if (!said.test(printed)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then(() => reject(new Error(`it ended:\n${printed}`)));
    void exited.finally(() => clearTimeout(timer));
  });
  await ready;
  const [, stripe_url = '', url = ''] = said.exec(printed) ?? [];
  return {
    url,
    stripe_url,
    process: child,
    output: () => printed,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** The real SDK, pointed at the fake Stripe. */
export function stripeOf({ stripe_url }: Pick<DevSystem, 'stripe_url'>): Stripe {
  const { hostname, port } = new URL(stripe_url);
  return new Stripe('sk_test_local', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}
