import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { readOptional, variables } from '../../shared/environment.ts';
import type { Database } from '../../shared/store/database.ts';
import { host_environment, readOptions, WrongOption } from '../options.ts';

/** No local cloud answers, and no tables are named. */
export class LocalCloudNotFound extends Error {
  constructor(url: string) {
    super(
      `there is no local cloud at ${url}: start it by npm run dev (PORT says where), or name tables on AWS by ` +
        `${variables.accounts_table} and ${variables.ledger_table}`,
    );
    this.name = 'LocalCloudNotFound';
  }
}

/**
 * Opens the accounts and the ledger: on AWS if the environment names tables, else those of the
 * local cloud. Throws `WrongOption`, `LocalCloudNotFound`.
 */
export async function openTables(): Promise<Database> {
  const [accounts, ledger] = [readOptional('accounts_table'), readOptional('ledger_table')];
  if (accounts !== undefined && ledger !== undefined) return databaseOf({}, { accounts, ledger });
  if (accounts !== undefined || ledger !== undefined) {
    throw new WrongOption(`${variables.accounts_table} and ${variables.ledger_table} go together: set both or none`);
  }
  const { port } = readOptions(host_environment, []);
  if (port === 0) throw new WrongOption('PORT 0 is no place to look for the local cloud: give the port it is on');
  return localDatabase(`http://127.0.0.1:${port}`);
}

/** Patient, because nobody waits for an answer within seconds. */
function databaseOf(config: DynamoDBClientConfig, tables: Database['tables']): Database {
  const client = new DynamoDBClient({
    ...config,
    maxAttempts: 6,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
  });
  // The SDK would copy every answer for a log that nobody keeps.
  client.middlewareStack.remove('loggerMiddleware');
  return { client: DynamoDBDocumentClient.from(client), tables };
}

const answer_schema = z.object({
  endpoint: z.string(),
  region: z.string(),
  tables: z.object({ [variables.accounts_table]: z.string(), [variables.ledger_table]: z.string() }),
});

async function localDatabase(url: string): Promise<Database> {
  const answer = await fetch(`${url}/_local/database`).catch(() => null);
  const { success, data } = answer_schema.safeParse(await answer?.json().catch(() => null));
  if (!success) throw new LocalCloudNotFound(url);
  const { endpoint, region, tables } = data;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return databaseOf(
    { endpoint, region, credentials },
    { accounts: tables[variables.accounts_table], ledger: tables[variables.ledger_table] },
  );
}
