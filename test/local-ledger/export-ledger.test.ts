import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { exportLedger } from '../../local/ledger/export-ledger.ts';
import { longLedger, pages, rows } from '../store/long-ledger.ts';

const options = { account_id: 'u_1', format: 'jsonl', wait: async () => undefined, warn: () => undefined } as const;

/** A reader that takes a chunk only when it is let. */
function slowReader() {
  const taken: string[] = [];
  let take: (() => void) | null = null;
  const output = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      take = () => {
        take = null;
        taken.push(chunk);
        done();
      };
    },
  });
  return { output, taken, isOffered: () => take !== null, take: () => take?.() };
}

test('an export reads no further than its reader, and holds one page at a time', async () => {
  const { database, alive } = longLedger();
  const reader = slowReader();
  const exported = exportLedger(database, { ...options, output: reader.output });
  let is_done = false;
  void exported.then(() => {
    is_done = true;
  });

  while (!reader.isOffered()) await turn();
  for (let turns = 0; turns < 200; turns += 1) await turn();
  // A page is 40 KB of text here: one chunk is offered, and at most the next ones are ready.
  expect(alive.length).toBeLessThanOrEqual(4);

  while (!is_done) {
    reader.take();
    await turn();
  }
  expect(await exported).toBe(true);
  expect(alive).toHaveLength(pages);
  expect(Math.max(...alive)).toBeLessThanOrEqual(1);
  expect(reader.taken.join('').split('\n')).toHaveLength(rows + 1);
});
