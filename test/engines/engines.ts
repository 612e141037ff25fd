import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, inject, test } from 'vitest';
import { toCatalog } from '../../shared/config/to-catalog.ts';
import { type Accounts, type AccountsOptions, createAccounts } from '../../shared/store/accounts.ts';
import type { Database } from '../../shared/store/database.ts';
import type { Pace } from '../../shared/store/faults.ts';
import config from '../billing.config.ts';
import type { RunningEngine } from './start-engines.ts';

export const catalog = toCatalog(config);

type TestsOf = (database: Database) => void;

/** Runs the tests once per database engine; an engine that cannot run here is one skipped test that says why. */
export function describeOnEngines(name: string, tests: TestsOf): void {
  describeOn(inject('engines'), name, tests);
  for (const [engine, reason] of Object.entries(inject('missing_engines'))) {
    test.skip(`${name} [${engine}]: ${reason}`, () => undefined);
  }
}

/**
 * Runs the tests on the first engine of this machine, for tests above the store: what engines answer differently, the
 * store's own tests see. `npm run verify` runs them on every engine.
 */
export function describeOnEngine(name: string, tests: TestsOf): void {
  const engines = inject('engines');
  if (engines.length === 0) test.skip(`${name}: no database engine runs here`, () => undefined);
  describeOn(inject('is_thorough') ? engines : engines.slice(0, 1), name, tests);
}

function describeOn(engines: readonly RunningEngine[], name: string, tests: TestsOf): void {
  for (const engine of engines) {
    describe(`${name} [${engine.name}]`, () => {
      const database = databaseOf(engine);
      afterAll(() => database.client.destroy());
      tests(database);
    });
  }
}

/** A connection to the first engine of this machine, for tests that need a database and not a certain one. */
export function anyDatabase(): Database {
  const [engine] = inject('engines');
  if (engine === undefined) throw new Error('no database engine runs here: see the README');
  return databaseOf(engine);
}

function databaseOf({ endpoint, tables }: RunningEngine): Database {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return { client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), tables };
}

/** An account that no other test knows. */
export function freshAccountId(): string {
  return `acct_${randomUUID()}`;
}

/** The moment at which the tests' clocks stand, unless they say otherwise. */
export const test_now = Date.parse('2026-11-23T10:00:00.000Z');

/** Retries that really wait. */
export const pace: Pace = {
  random: Math.random,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  stopwatch: () => performance.now(),
};

/** Accounts as another process would have them: with queues of its own. */
export function newAccounts(database: Database, options: Partial<AccountsOptions> = {}): Accounts {
  return createAccounts({
    database,
    catalog,
    due_shards: 4,
    clock: () => test_now,
    ...pace,
    ...options,
  });
}
