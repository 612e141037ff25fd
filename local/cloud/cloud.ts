import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { variables } from '../../shared/environment.ts';
import { useUtc } from '../options.ts';
import type { FakeStripe } from '../stripe/fake-stripe.ts';
import { JwtAuthorizers } from './authorizer.ts';
import { VirtualClock } from './clock.ts';
import { Closers } from './closers.ts';
import type { DatabaseKind } from './database.ts';
import { type Deployment, deploy, secretValues } from './deployment.ts';
import { Gateway, internalError, most_body_bytes, tooLarge, unavailable } from './gateway.ts';
import { prepareGround } from './ground.ts';
import { type HttpAnswer, type HttpRequest, type HttpServer, startHttpServer } from './http-server.ts';
import type { Issuer } from './issuer.ts';
import { type LocalDatabase, LocalRoutes } from './local-routes.ts';
import type { Queue } from './queue.ts';
import type { Synthesized } from './synthesize.ts';
import { readSystem, type System } from './system.ts';
import { createTables, tableVariables } from './tables.ts';
import { region } from './template.ts';
import { TimeTravel } from './time-travel.ts';

export interface CloudOptions {
  /** 0 picks a free one. */
  port: number;
  stripe_port: number;
  database: DatabaseKind;
  /** The real Stripe in test mode, or null for the fake. */
  stripe: { api_key: string; webhook_secret: string | null } | null;
  /** Keeps the cloud assembly and the functions' log; without it a temporary folder does, until the cloud is closed. */
  work_dir?: string;
  /** Takes the functions' own output; without it `functions.log` in the work folder does. */
  log?: (line: string) => void;
  /** Takes what went wrong in a function. */
  warn?: (line: string) => void;
  /** Given the endpoint of AWS services, answers the one that functions are told instead: who listens there hears their calls. */
  reach?: (endpoint: string) => Promise<string>;
  /** Stops the start. */
  signal?: AbortSignal;
}

/** The system on one machine. */
export interface Cloud {
  /** Of the HTTP API. */
  url: string;
  /** Of the Stripe that functions talk to: the fake, or the real one. */
  stripe_url: string;
  database: { kind: DatabaseKind; endpoint: string };
  /** Physical names of the tables by logical id. */
  tables: Record<string, string>;
  issuer: Issuer;
  clock: VirtualClock;
  /** Null when the real Stripe is in use. */
  stripe: FakeStripe | null;
  /** By URL. */
  queues: ReadonlyMap<string, Queue>;
  work_dir: string;
  /** Resolves when everything that was set off has been done. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const fake_api_key = 'sk_test_local';

/**
 * Starts the local cloud: database, fake Stripe, issuer and everything that the synthesized template deploys. What was begun is
 * ended again when something fails. Throws `PortInUse`, `DatabaseNotAvailable`, `SynthesisFailed`, `InvalidBillingConfig`,
 * `TemplateNotSupported`.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(options: CloudOptions, closers: Closers): Promise<Cloud> {
  useUtc();
  const work_dir = options.work_dir ?? (await temporaryFolder(closers));
  await mkdir(work_dir, { recursive: true });
  // On Lambda no package.json stands above a bundle; the one of this project would make an ES module of it.
  await writeFile(join(work_dir, 'package.json'), '{ "type": "commonjs" }\n');
  const clock = new VirtualClock();
  const front: Front = { answer: async () => unavailable('The local cloud is starting.') };
  // The port must be known before the synthesis: tokens and links carry it.
  const api = await listen(options, front);
  closers.add(() => api.close());
  const webhook_secret = options.stripe?.webhook_secret ?? `whsec_${randomBytes(24).toString('hex')}`;
  const ground = await prepareGround(
    {
      api_url: api.url,
      clock,
      database: options.database,
      fake_stripe: options.stripe === null ? { port: options.stripe_port, webhook_secret } : null,
      work_dir,
      ...(options.signal && { signal: options.signal }),
    },
    closers,
  );
  options.signal?.throwIfAborted();

  const { aws, aws_parts, database, issuer, stripe, synthesized } = ground;
  const reach = options.reach ?? (async (endpoint: string) => endpoint);
  const [aws_url, dynamodb_url] = await Promise.all([reach(aws.url), reach(database.endpoint)]);
  const system = readSystem(synthesized.template, { api_url: api.url, aws_url });
  const secrets = secretValues(system, {
    [variables.stripe_api_key_secret_arn]: options.stripe?.api_key ?? fake_api_key,
    [variables.stripe_webhook_secrets_secret_arn]: webhook_secret,
  });
  for (const [arn, value] of secrets) aws_parts.secrets.set(arn, value);
  const tables = await createTablesAt(database.endpoint, synthesized);
  const deployment = deploy({
    system,
    asset_dirs: synthesized.asset_dirs,
    clock,
    endpoints: { dynamodb: dynamodb_url, aws: aws_url, stripe: stripe?.url ?? null },
    log: options.log ?? logFile(work_dir, closers),
    warn: options.warn ?? (() => {}),
  });
  closers.add(() => deployment.close());
  for (const [url, queue] of deployment.queues) aws_parts.queues.set(url, queue);
  const idle = () => becomeIdle(deployment, stripe);
  const travel = new TimeTravel({ clock, schedules: deployment.schedules, world: stripe, idle });
  closers.add(() => travel.close());
  const local_database = { endpoint: database.endpoint, region, tables: tableVariables(synthesized.template) };
  front.answer = answerOf({ api, clock, issuer, stripe, system, deployment, travel, idle, local_database });
  return {
    url: api.url,
    stripe_url: stripe?.url ?? 'https://api.stripe.com',
    database: { kind: database.kind, endpoint: database.endpoint },
    tables,
    issuer,
    clock,
    stripe,
    queues: deployment.queues,
    work_dir,
    idle,
    close: () => closers.close(),
  };
}

/** Who answers requests: nobody yet while the cloud starts. */
interface Front {
  answer: (request: HttpRequest) => Promise<HttpAnswer>;
}

function listen({ port, warn }: CloudOptions, front: Front): Promise<HttpServer> {
  return startHttpServer({
    port,
    most_body_bytes,
    tooLarge,
    answer: (request) => front.answer(request),
    failed: (error) => {
      warn?.(String(error instanceof Error ? error.stack : error));
      return internalError();
    },
  });
}

interface Running {
  api: HttpServer;
  clock: VirtualClock;
  issuer: Issuer;
  stripe: FakeStripe | null;
  system: System;
  deployment: Deployment;
  travel: TimeTravel;
  idle: () => Promise<void>;
  local_database: LocalDatabase;
}

/** The deployed API, and what only this machine has under `/_local`. */
function answerOf(running: Running): Front['answer'] {
  const { api, clock, issuer, stripe, system, deployment, travel, idle, local_database } = running;
  const gateway = new Gateway({
    routes: system.routes,
    cors: system.cors,
    runners: deployment.runners,
    authorizers: new JwtAuthorizers(clock),
    clock,
    domain_name: new URL(api.url).host,
  });
  const local = new LocalRoutes({
    clock,
    issuer,
    stripe,
    advance: (target) => travel.advance(target),
    idle,
    queues: deployment.consumed_queues,
    database: local_database,
  });
  return (request) => (LocalRoutes.serves(request) ? local.answer(request) : gateway.answer(request));
}

async function createTablesAt(endpoint: string, { template }: Synthesized): Promise<Record<string, string>> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region, credentials });
  try {
    return await createTables(template, client);
  } finally {
    client.destroy();
  }
}

/** Waits until no delivery, message or schedule is under way: what one of them set off is waited for as well. */
async function becomeIdle({ consumed_queues, schedules }: Deployment, stripe: FakeStripe | null): Promise<void> {
  const isBusy = () =>
    schedules.running > 0 || consumed_queues.some((queue) => queue.counts().waiting + queue.counts().in_flight > 0);
  do {
    await schedules.settled();
    await Promise.all(consumed_queues.map((queue) => queue.settled()));
    await stripe?.settled();
  } while (isBusy());
}

async function temporaryFolder(closers: Closers): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'billing-credits-'));
  closers.add(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function logFile(work_dir: string, closers: Closers): (line: string) => void {
  const file = createWriteStream(join(work_dir, 'functions.log'));
  closers.add(() => new Promise<void>((resolve) => file.end(resolve)));
  return (line) => {
    file.write(`${line}\n`);
  };
}
