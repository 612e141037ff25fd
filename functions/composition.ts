import { setTimeout as wait } from 'node:timers/promises';
import billing_config from '#billing-config';
import type { ApiFunctionOptions } from '../shared/api/serve.ts';
import type { BillingConfig } from '../shared/config/billing-config.ts';
import { toCatalog } from '../shared/config/to-catalog.ts';
import type { Catalog } from '../shared/domain/plan.ts';
import { readEnvironment } from '../shared/environment.ts';
import { type Accounts, createAccounts } from '../shared/store/accounts.ts';
import { type Database, openDatabase, type TableName } from '../shared/store/database.ts';
import type { Pace } from '../shared/store/faults.ts';
import { clock, stopwatch } from './process.ts';

/** The dependencies of the functions. Clock, chance and environment come in here. */
export interface Deps extends ApiFunctionOptions {
  readonly config: BillingConfig;
  readonly catalog: Catalog;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly pace: Pace;
}

/** The dependencies of a deployed function, made once at a cold start, with the named tables. */
export function compose(...tables: TableName[]): Deps {
  return composeWith({ database: openDatabase(physicalNames(tables)), clock });
}

const own_pace: Pace = { random: Math.random, wait: (ms) => wait(ms), stopwatch };

/**
 * The dependencies over a given database and clock. Configuration and pace are the project's unless
 * others are given.
 */
export function composeWith({
  database,
  clock,
  config = billing_config,
  pace = own_pace,
}: Pick<Deps, 'database' | 'clock'> & Partial<Pick<Deps, 'config' | 'pace'>>): Deps {
  const catalog = toCatalog(config);
  const { due_shards } = config.sweep;
  const accounts = createAccounts({ database, catalog, due_shards, clock, ...pace });
  const { claim: account_claim } = config.accounts;
  const { by_users: users_may_spend } = config.spending;
  return { config, catalog, database, accounts, pace, clock, account_claim, users_may_spend };
}

function physicalNames(tables: readonly TableName[]) {
  const names = readEnvironment(...tables.map((table) => `${table}_table` as const));
  return Object.fromEntries(tables.map((table) => [table, names[`${table}_table`]]));
}
