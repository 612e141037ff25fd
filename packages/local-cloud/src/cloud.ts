import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { JwtAuthorizers } from './authorizer.ts';
import { startAwsEndpoint } from './aws-endpoint.ts';
import { VirtualClock } from './clock.ts';
import { Closers } from './closers.ts';
import type { Companion, StartCompanion } from './companion.ts';
import { answerWithCors } from './cors.ts';
import type { Database, DatabaseChoice } from './database.ts';
import { type Deployment, deploy, secretValues } from './deployment.ts';
import { Gate, GateShut } from './gate.ts';
import { Gateway, internalError, most_body_bytes, tooLarge, unavailable } from './gateway.ts';
import { type Addresses, prepareGround } from './ground.ts';
import { type HttpAnswer, type HttpRequest, type HttpServer, type Middleware, startHttpServer } from './http-server.ts';
import type { Issuer } from './issuer.ts';
import { Keeper } from './keeper.ts';
import { refuseStrangers } from './local-guard.ts';
import { type LocalDatabase, LocalRoutes } from './local-routes.ts';
import type { Problem } from './problem.ts';
import type { Queue } from './queue.ts';
import { Access } from './roles/access.ts';
import { checkPolling } from './roles/polling.ts';
import { readRoles } from './roles/read-roles.ts';
import { readSavedState } from './saved-state.ts';
import type { CdkApp, Synthesized } from './synthesize.ts';
import { readSystem, type System } from './system.ts';
import { createTables, tableVariables } from './tables.ts';
import { region } from './template.ts';
import { TimeTravel } from './time-travel.ts';

export interface CloudOptions {
  /** 0 picks a free one. */
  port: number;
  database: DatabaseChoice;
  app: CdkApp;
  /** CDK context, by the addresses of this cloud. */
  context: (addresses: Addresses) => Record<string, unknown>;
  /** Of the issuer's tokens. */
  audience: string;
  /**
   * Values of secrets, by the environment variable under which functions know them; the others are
   * random.
   */
  secrets: Record<string, string>;
  /** Starts what the functions talk to and the template does not deploy. */
  startCompanion?: StartCompanion | undefined;
  /** The answer to whoever wants to move the clock, where it must not be moved. */
  clock_stands?: Problem | undefined;
  /** The clock's first moment; the machine's own time unless given. */
  starts_at?: number | undefined;
  /** Keeps everything over restarts; without it, all is gone when the cloud is closed. */
  state_file?: string | undefined;
  /**
   * Keeps the cloud assembly and the functions' log; without it a temporary folder does, until the
   * cloud is closed.
   */
  work_dir?: string;
  /** Takes the functions' own output; without it `functions.log` in the work folder does. */
  log?: (line: string) => void;
  /** Takes what went wrong in a function. */
  warn?: (line: string) => void;
  /**
   * Given the endpoint of AWS services, answers the one that functions are told instead: who
   * listens there hears their calls.
   */
  reach?: (endpoint: string) => Promise<string>;
  /** Stops the start. */
  signal?: AbortSignal;
}

/** The system on one machine. */
export interface Cloud {
  /** Of the HTTP API. */
  url: string;
  database: Pick<Database, 'kind' | 'reason'> & LocalDatabase;
  /** What the template deploys. */
  system: System;
  /** Physical names of the tables by logical id. */
  tables: Record<string, string>;
  issuer: Issuer;
  clock: VirtualClock;
  /** By URL. */
  queues: ReadonlyMap<string, Queue>;
  work_dir: string;
  /** Puts this in front of everything that answers requests. */
  use(middleware: Middleware): void;
  /** How many invocations have ended. While it stays the same, no table has changed. */
  endedInvocations(): number;
  /** Resolves when everything that was set off has been done. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the local cloud: database, issuer, companion and everything that the synthesized template
 * deploys. What was begun is ended again when something fails. Throws `PortInUse`,
 * `DatabaseNotAvailable`, `SynthesisFailed`, `TemplateNotSupported`, `AccessDenied` where a role
 * does not allow its function's queue to be polled.
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

/** How long requests may take to end when the cloud is closed. */
const last_requests_ms = 1000;

async function start(options: CloudOptions, closers: Closers): Promise<Cloud> {
  const work_dir = options.work_dir ?? (await temporaryFolder(closers));
  await mkdir(work_dir, { recursive: true });
  // On Lambda no package.json stands above a bundle; the one of this project would make an ES
  // module of it.
  await writeFile(join(work_dir, 'package.json'), '{ "type": "commonjs" }\n');
  const clock = new VirtualClock(options.starts_at);
  const saved = options.state_file === undefined ? null : await readSavedState(options.state_file);
  if (saved !== null) clock.restore(saved.clock_ahead_ms);
  const front: Front = { refuse: () => null, answer: async () => unavailable('The local cloud is starting.') };
  // The port must be known before the synthesis: tokens and links carry it.
  const api = await listen(options, front);
  closers.add(() => api.close());
  const ground = await prepareGround(
    {
      api_url: api.url,
      clock,
      database: options.database,
      startCompanion: options.startCompanion ?? null,
      app: options.app,
      audience: options.audience,
      context: options.context,
      work_dir,
      issuer_key: saved?.issuer_key,
      ...(options.signal && { signal: options.signal }),
    },
    closers,
  );
  options.signal?.throwIfAborted();

  const { database, issuer, companion, synthesized } = ground;
  const warn = options.warn ?? (() => {});
  const queues = new Map<string, Queue>();
  const secrets = new Map<string, string>();
  const access = new Access(readRoles(synthesized.template));
  const aws = await startAwsEndpoint({ queues, secrets, access, database_url: database.endpoint, warn });
  closers.add(() => aws.close());
  const aws_url = (await options.reach?.(aws.url)) ?? aws.url;
  const system = readSystem(synthesized.template, { api_url: api.url, aws_url });
  checkPolling(system.event_sources, system.functions, access);
  for (const [arn, value] of secretValues(system, options.secrets)) secrets.set(arn, value);
  const tables = await createTablesAt(database.endpoint, synthesized);
  const deployment = deploy({
    system,
    asset_dirs: synthesized.asset_dirs,
    clock,
    aws_url,
    environment: companion?.environment ?? {},
    log: options.log ?? logFile(work_dir, closers),
    warn,
  });
  closers.add(() => deployment.close());
  for (const [url, queue] of deployment.queues) queues.set(url, queue);
  const idle = () => becomeIdle(deployment, companion);
  const travel = new TimeTravel({ clock, schedules: deployment.schedules, world: companion, idle });
  closers.add(() => travel.close());
  const gate = new Gate();
  closers.add(() => shutGate(gate));
  const keeper = new Keeper({
    clock,
    issuer,
    companion,
    deployment,
    travel,
    gate,
    endpoint: database.endpoint,
    tables: Object.values(tables),
    warn,
  });
  if (saved !== null) await keeper.restore(saved);
  const local_database = { endpoint: database.endpoint, region, tables: tableVariables(synthesized.template) };
  const authorizers = new JwtAuthorizers(clock, { issuer: issuer.url, audience: [options.audience] });
  front.refuse = (request) => (LocalRoutes.serves(request) ? refuseStrangers(system.cors, request) : null);
  front.answer = answerOf({
    api,
    authorizers,
    clock,
    issuer,
    companion,
    system,
    deployment,
    travel,
    idle,
    local_database,
    gate,
    clock_stands: options.clock_stands ?? null,
  });
  if (saved !== null) keeper.resume(saved);
  if (options.state_file !== undefined) {
    keeper.keepIn(options.state_file);
    closers.add(() => keeper.close());
  }
  lookForIssuers(system, { authorizers, own: issuer.url, warn: options.warn ?? (() => {}) });
  await deployment.loaded;
  return {
    url: api.url,
    database: { kind: database.kind, reason: database.reason, ...local_database },
    system,
    tables,
    issuer,
    clock,
    queues: deployment.queues,
    work_dir,
    use: (middleware) => {
      const next = front.answer;
      front.answer = (request) => middleware(request, () => next(request));
    },
    endedInvocations: () => deployment.endedInvocations(),
    idle,
    close: () => closers.close(),
  };
}

/** Who answers requests: nobody yet while the cloud starts. */
interface Front {
  /** The answer to a request that nobody may see, or null. Middleware comes after it. */
  refuse: (request: HttpRequest) => HttpAnswer | null;
  answer: (request: HttpRequest) => Promise<HttpAnswer>;
}

function listen({ port, warn }: CloudOptions, front: Front): Promise<HttpServer> {
  return startHttpServer({
    port,
    most_body_bytes,
    tooLarge,
    answer: async (request) => front.refuse(request) ?? front.answer(request),
    failed: (error) => {
      warn?.(String(error instanceof Error ? error.stack : error));
      return internalError();
    },
  });
}

interface Running {
  api: HttpServer;
  authorizers: JwtAuthorizers;
  clock: VirtualClock;
  issuer: Issuer;
  companion: Companion | null;
  system: System;
  deployment: Deployment;
  travel: TimeTravel;
  idle: () => Promise<void>;
  gate: Gate;
  local_database: LocalDatabase;
  clock_stands: Problem | null;
}

/** The deployed API, and what only this machine has under `/_local`. */
function answerOf(running: Running): Front['answer'] {
  const { api, authorizers, clock, issuer, companion, system, deployment, travel, idle, gate } = running;
  const gateway = new Gateway({
    routes: system.routes,
    cors: system.cors,
    runners: deployment.runners,
    authorizers,
    clock,
    domain_name: new URL(api.url).host,
  });
  const local = new LocalRoutes({
    clock,
    issuer,
    advance: (target) => travel.advance(target),
    idle,
    queues: deployment.consumed_queues,
    database: running.local_database,
    more_routes: companion?.routes ?? [],
    clock_stands: running.clock_stands,
  });
  return (request) =>
    LocalRoutes.serves(request)
      ? answerWithCors(system.cors, request, () => local.answer(request))
      : gate.pass(() => gateway.answer(request)).catch(answerWhenShut);
}

/** Before the functions are stopped; a request that hangs must not hold the stop up. */
async function shutGate(gate: Gate): Promise<void> {
  await Promise.race([gate.close(), pause(last_requests_ms, undefined, { ref: false })]);
  gate.shut();
}

function answerWhenShut(error: unknown): HttpAnswer {
  if (error instanceof GateShut)
    return unavailable('The local cloud is stopping. Repeat the request with the same key.');
  throw error;
}

/** Says at the start what would otherwise show as a 401 at the first token. */
function lookForIssuers(
  { routes }: System,
  { authorizers, own, warn }: { authorizers: JwtAuthorizers; own: string; warn: (line: string) => void },
): void {
  const issuers = new Set(routes.flatMap(({ authorizer }) => (authorizer === null ? [] : [authorizer.issuer])));
  issuers.delete(own);
  for (const issuer of issuers) {
    authorizers
      .discover(issuer)
      .catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)));
  }
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

/**
 * Waits until no delivery, message or schedule is under way: what one of them set off is waited for
 * as well.
 */
async function becomeIdle({ consumed_queues, schedules }: Deployment, companion: Companion | null): Promise<void> {
  const isBusy = () =>
    schedules.running > 0 || consumed_queues.some((queue) => queue.counts().waiting + queue.counts().in_flight > 0);
  do {
    await schedules.settled();
    await Promise.all(consumed_queues.map((queue) => queue.settled()));
    await companion?.settled();
  } while (isBusy());
}

async function temporaryFolder(closers: Closers): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-cloud-'));
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
