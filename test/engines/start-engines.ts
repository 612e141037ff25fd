import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  createTables,
  type DatabaseEngine,
  type DatabaseKind,
  missingEngine,
  startDatabase,
  synthesize,
  tableVariables,
} from '@billing-credits/local-cloud';
import type { TestProject } from 'vitest/node';
import { app } from '../../local/app.ts';
import type { Tables } from '../../shared/store/database.ts';
import { wanted_database } from './wanted-database.ts';

/** A database engine that runs for the whole of a test run, with the stack's own tables. */
export interface RunningEngine {
  readonly name: DatabaseKind;
  readonly endpoint: string;
  readonly tables: Tables;
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: RunningEngine[];
    /** Why an engine is not among them. */
    missing_engines: Record<string, string>;
    /** In `npm run verify`: tests take longer to see more. */
    is_thorough: boolean;
  }
}

const all: readonly DatabaseEngine[] = ['dynoxide', 'memory', 'dynamodb-local'];

/**
 * Starts the engines that this machine can run, or the one that DYNAMODB names, and creates the tables in them as the
 * synthesized template says.
 */
export default async function startEngines(project: TestProject): Promise<() => Promise<void>> {
  const out_dir = await mkdtemp(join(tmpdir(), 'billing-credits-synth-'));
  const missing: Record<string, string> = {};
  const available = wanted_database === 'auto' ? all.filter((name) => isHere(name, missing)) : [wanted_database];
  const [{ template }, databases] = await Promise.all([
    synthesize({
      app,
      out_dir,
      context: { stage: 'local', issuer: 'http://localhost/issuer', audience: 'billing-credits' },
      bundle: false,
    }),
    Promise.all(available.map(async (name) => ({ name, database: await startDatabase(name) }))),
  ]);
  const variables = tableVariables(template);
  const named = (variable: string): string => {
    const name = variables[variable];
    if (name === undefined) throw new Error(`the template gives no function ${variable}`);
    return name;
  };
  const tables: Tables = {
    accounts: named('ACCOUNTS_TABLE'),
    account_parts: named('ACCOUNT_PARTS_TABLE'),
    ledger: named('LEDGER_TABLE'),
    stripe_events: named('STRIPE_EVENTS_TABLE'),
    usage: named('USAGE_TABLE'),
    requests: named('REQUESTS_TABLE'),
  };
  const engines = await Promise.all(
    databases.map(async ({ name, database: { endpoint } }): Promise<RunningEngine> => {
      const client = new DynamoDBClient({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      await createTables(template, client);
      client.destroy();
      return { name, endpoint, tables };
    }),
  );
  project.provide('engines', engines);
  project.provide('missing_engines', missing);
  return async () => {
    await Promise.all([
      ...databases.map(({ database }) => database.close()),
      rm(out_dir, { recursive: true, force: true }),
    ]);
  };
}

function isHere(name: DatabaseEngine, missing: Record<string, string>): boolean {
  const reason = missingEngine(name);
  if (reason !== null) missing[name] = reason;
  return reason === null;
}
