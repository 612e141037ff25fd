import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Template } from '@billing-credits/local-cloud';
import {
  createTables,
  type DatabaseEngine,
  missingEngine,
  startDatabase,
  synthesize,
  tableVariables,
} from '@billing-credits/local-cloud';
import { app } from '../local/app.ts';
import { host_environment } from '../local/options.ts';
import { variables } from '../shared/environment.ts';

export const engine_names = ['dynoxide', 'memory', 'dynamodb-local'] as const satisfies readonly DatabaseEngine[];

export type Environment = Readonly<Record<string, string | undefined>>;

/** An environment in which every function can be imported; what it names does not exist. */
export const bare_environment: Environment = {
  ...host_environment,
  ...Object.fromEntries(Object.values(variables).map((variable) => [variable, 'http://127.0.0.1:9/none'])),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: 'BillingCredits',
};

/** A running database with the stack's own tables, and the functions' environment for it. */
export interface Engine {
  readonly environment: Environment;
  /** Of the engine or of its parent, which does nothing else. */
  readonly pid: number | null;
  close(): Promise<void>;
}

/** The engines that run on this machine, the fastest first. */
export function runnableEngines(): DatabaseEngine[] {
  return engine_names.filter((name) => missingEngine(name) === null);
}

/** The stack's template. */
export async function readTemplate(): Promise<Template> {
  const out_dir = await mkdtemp(join(tmpdir(), 'billing-credits-synth-'));
  try {
    const context = { stage: 'local', issuer: 'http://localhost/issuer', audience: 'billing-credits' };
    return (await synthesize({ app, out_dir, context, bundle: false })).template;
  } finally {
    await rm(out_dir, { recursive: true, force: true });
  }
}

/** Starts the database and creates the template's tables in it. */
export async function startEngine(name: DatabaseEngine, template: Template): Promise<Engine> {
  const database = await startDatabase(name);
  const { endpoint, pid } = database;
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  await createTables(template, client);
  client.destroy();
  return {
    environment: { ...bare_environment, ...tableVariables(template), AWS_ENDPOINT_URL_DYNAMODB: endpoint },
    pid,
    close: () => database.close(),
  };
}
