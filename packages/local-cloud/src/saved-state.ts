import { open, readFile, rename } from 'node:fs/promises';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';

/** An item as DynamoDB's JSON has it: `{ account_id: { S: 'u_1' } }`. */
export type SavedItem = Record<string, AttributeValue>;

/** Everything that a cloud needs to go on where it was. */
export interface SavedState {
  /** How far the virtual clock is ahead of the real one. */
  clock_ahead_ms: number;
  /** The private key of the issuer, so that tokens stay valid. */
  issuer_key: Record<string, unknown>;
  /** By the table's name. */
  tables: Map<string, SavedItem[]>;
  /** Messages by the queue's name, oldest first. */
  queues: Map<string, unknown[]>;
  /** What the companion gave to be kept, as JSON has it. */
  companion: unknown;
}

/** The file is not what this program has written; the message says what to do. */
export class SavedStateUnreadable extends Error {
  constructor(path: string, reason: string) {
    super(`${path} cannot be read: ${reason}. Move it away to begin with nothing.`);
    this.name = 'SavedStateUnreadable';
  }
}

const format = 1;

const record_schema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('begin'),
    format: z.literal(format, 'it was written by another version of the local cloud'),
    clock_ahead_ms: z.int(),
    issuer_key: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('item'), table: z.string(), item: z.record(z.string(), z.custom<AttributeValue>()) }),
  z.object({ kind: z.literal('message'), queue: z.string(), message: z.unknown() }),
  z.object({ kind: z.literal('companion'), value: z.unknown() }),
  z.object({ kind: z.literal('end'), lines: z.int() }),
]);
type SavedRecord = z.input<typeof record_schema>;

/** Bytes, which JSON does not have. */
const bytes_key = '$bytes';

function line(record: SavedRecord): string {
  const text = JSON.stringify(record, (_, value) =>
    value instanceof Uint8Array ? { [bytes_key]: Buffer.from(value).toString('base64') } : value,
  );
  return `${text}\n`;
}

function parseLine(text: string): SavedRecord {
  return record_schema.parse(
    JSON.parse(text, (_, value) =>
      typeof value === 'object' && value !== null && typeof value[bytes_key] === 'string'
        ? new Uint8Array(Buffer.from(value[bytes_key], 'base64'))
        : value,
    ),
  );
}

/** Replaces the file in one step: whoever reads it finds the old state or the new one, whole. */
export async function writeSavedState(path: string, state: SavedState): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(linesOf(state));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

function* linesOf({ clock_ahead_ms, issuer_key, tables, queues, companion }: SavedState): Generator<string> {
  let lines = 1;
  yield line({ kind: 'begin', format, clock_ahead_ms, issuer_key });
  for (const [table, items] of tables) {
    for (const item of items) yield line({ kind: 'item', table, item });
    lines += items.length;
  }
  for (const [queue, messages] of queues) {
    for (const message of messages) yield line({ kind: 'message', queue, message });
    lines += messages.length;
  }
  yield line({ kind: 'companion', value: companion });
  yield line({ kind: 'end', lines: lines + 1 });
}

/** The state, or null where none was ever written. Throws `SavedStateUnreadable`. */
export async function readSavedState(path: string): Promise<SavedState | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new SavedStateUnreadable(path, error.message);
  });
  if (text === null) return null;
  try {
    return stateOf(text.trimEnd().split('\n').map(parseLine));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new SavedStateUnreadable(path, reason);
  }
}

function stateOf(records: SavedRecord[]): SavedState {
  const [begin] = records;
  const end = records.at(-1);
  if (begin?.kind !== 'begin' || end?.kind !== 'end' || end.lines !== records.length - 1) {
    throw new SyntaxError('it is not whole');
  }
  const { clock_ahead_ms, issuer_key } = begin;
  const state: SavedState = { clock_ahead_ms, issuer_key, tables: new Map(), queues: new Map(), companion: null };
  for (const record of records) {
    if (record.kind === 'item') append(state.tables, record.table, record.item);
    else if (record.kind === 'message') append(state.queues, record.queue, record.message);
    else if (record.kind === 'companion') state.companion = record.value;
  }
  return state;
}

function append<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}
