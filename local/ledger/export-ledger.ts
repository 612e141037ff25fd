import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Database } from '../../shared/store/database.ts';
import type { Pace } from '../../shared/store/faults.ts';
import { lastSeq, readHead } from '../../shared/store/ledger-head.ts';
import { walkLedger } from '../../shared/store/ledger-rows.ts';
import type { Format } from './command.ts';
import { csvHeader, toCsv } from './csv.ts';
import { toJsonLine } from './json-lines.ts';

export interface ExportOptions extends Pick<Pace, 'wait'> {
  readonly account_id: string;
  readonly format: Format;
  readonly output: Writable;
  /** Gets a line for each row that could not be exported. */
  readonly warn: (line: string) => void;
}

/** How much text is collected before it is written. */
const chunk_length = 32_768;

/**
 * Writes the ledger up to the account's last commit, oldest entry first, as fast as the output
 * takes it. Rows that are no entries are left out, with a warning. Answers whether everything was
 * written.
 */
export async function exportLedger(database: Database, options: ExportOptions): Promise<boolean> {
  const { output, warn } = options;
  let left_out = 0;
  const leaveOut = (line: string) => {
    left_out += 1;
    warn(line);
  };
  const read = await readHead(database, options.account_id);
  if ('unreadable' in read) leaveOut(`the account cannot be read: ${read.unreadable}`);
  const chunks = chunked(linesOf(database, lastSeq(read), options, leaveOut));
  await pipeline(Readable.from(chunks, { highWaterMark: 1 }), output, { end: false });
  return left_out === 0;
}

async function* linesOf(
  database: Database,
  through_seq: number,
  { account_id, format, wait }: ExportOptions,
  leaveOut: (line: string) => void,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvHeader();
  for await (const row of walkLedger(database, account_id, through_seq, { wait })) {
    if ('entry' in row) yield format === 'csv' ? toCsv(row.entry) : toJsonLine(row.entry);
    else leaveOut(`left out: ${row.unreadable.entry_id} (seq ${row.unreadable.seq}): ${row.unreadable.reason}`);
  }
}

async function* chunked(lines: AsyncGenerator<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < chunk_length) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
