import { DynamoDbError } from './errors.ts';
import type { Table } from './table.ts';

/** An answered transaction, kept so that a repeated one does nothing. */
interface Answered {
  readonly request: string;
  readonly at: number;
}

/** What the operations work on. */
export interface Engine {
  readonly tables: Map<string, Table>;
  /** Transactions by their ClientRequestToken. */
  readonly answered: Map<string, Answered>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Answers one operation; throws `DynamoDbError`. An operation takes effect as a whole or not at
 * all.
 */
export type Operation = (engine: Engine, input: unknown) => object;

/** Throws `ResourceNotFoundException`. */
export function tableNamed({ tables }: Engine, name: string): Table {
  const table = tables.get(name);
  if (table === undefined) throw new DynamoDbError('ResourceNotFoundException', 'Requested resource not found');
  return table;
}
