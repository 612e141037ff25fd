import { DatabaseNotAvailable } from './database-not-available.ts';
import { serveDynamoDb } from './dynamodb/serve.ts';
import { dynamodbLocal, missingDynamodbLocal } from './dynamodb-local.ts';
import { type DynoxideSearch, findDynoxide, platform } from './dynoxide.ts';
import { answers, startEngineProcess } from './engine-process.ts';

export type DatabaseEngine = 'dynoxide' | 'memory' | 'dynamodb-local';

/** An engine, or the URL of an endpoint that runs already. */
export type DatabaseKind = DatabaseEngine | `http://${string}` | `https://${string}`;

/** `auto`: what runs best here. */
export type DatabaseChoice = DatabaseKind | 'auto';

export interface Database {
  /** The engine that really runs. */
  kind: DatabaseKind;
  /** Why this one, in a few words. */
  reason: string;
  endpoint: string;
  /**
   * Of the engine or of its parent, which does nothing else; null where it is no process of its
   * own.
   */
  pid: number | null;
  close(): Promise<void>;
}

/** Why this engine cannot run here, or null when it can. */
export function missingEngine(kind: DatabaseEngine, search?: DynoxideSearch): string | null {
  if (kind === 'memory') return null;
  if (kind === 'dynamodb-local') return missingDynamodbLocal();
  return findDynoxide(search) === null ? `no dynoxide for ${platform} is installed or on the PATH` : null;
}

/**
 * What runs where nothing is asked for: dynoxide where it can, else the in-memory DynamoDB of this
 * package.
 */
export function chooseEngine(search?: DynoxideSearch): { kind: DatabaseEngine; reason: string } {
  const dynoxide = findDynoxide(search);
  if (dynoxide !== null) return { kind: 'dynoxide', reason: dynoxide.found };
  return { kind: 'memory', reason: missingEngine('dynoxide', search) ?? '' };
}

/**
 * Starts an empty database in memory and answers when it does; `auto` picks as `chooseEngine` does.
 * It ends with this process, however this process ends. Throws `DatabaseNotAvailable`.
 */
export async function startDatabase(wanted: DatabaseChoice): Promise<Database> {
  const { kind, reason } = wanted === 'auto' ? chooseEngine() : { kind: wanted, reason: 'as asked for' };
  if (kind === 'memory') return { kind, reason, pid: null, ...(await serveDynamoDb()) };
  if (kind === 'dynoxide' || kind === 'dynamodb-local') {
    return { kind, reason, ...(await startEngineProcess(programOf(kind))) };
  }
  await answers(kind, () => null);
  return { kind, reason, endpoint: kind, pid: null, close: async () => {} };
}

function programOf(kind: 'dynoxide' | 'dynamodb-local') {
  const missing = missingEngine(kind);
  const program = kind === 'dynoxide' ? findDynoxide() : dynamodbLocal();
  if (missing === null && program !== null) return program;
  const other =
    'Ask for none to get what runs here (DYNAMODB unset), for memory, or for the URL of a DynamoDB endpoint.';
  throw new DatabaseNotAvailable(`${missing}. ${other}`);
}
