import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSavedState, type SavedState, SavedStateUnreadable, writeSavedState } from '../src/saved-state.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saved-state-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const state: SavedState = {
  clock_ahead_ms: 86_400_000,
  issuer_key: { kty: 'RSA', n: 'n', e: 'AQAB', d: 'd' },
  tables: new Map([
    ['Notes', [{ note_id: { S: 'one\ntwo' }, bytes: { B: new Uint8Array([0, 10, 255]) } }, { note_id: { S: '2' } }]],
    ['Others', [{ id: { N: '1' } }]],
  ]),
  queues: new Map([['Events.fifo', [{ message_id: 'm' }]]]),
  companion: { customers: ['cus_1'] },
};

describe('the saved state', () => {
  it('is read as it was written, and replaces an older one', async () => {
    const path = join(folder, 'round.jsonl');
    await writeSavedState(path, { ...state, tables: new Map(), companion: null });
    await writeSavedState(path, state);
    expect(await readSavedState(path)).toEqual(state);
    expect((await readdir(folder)).filter((name) => name.startsWith('round'))).toEqual(['round.jsonl']);
  });

  it('is nothing where none was written', async () => {
    expect(await readSavedState(join(folder, 'none.jsonl'))).toBeNull();
  });

  it.each([
    ['lacks its last line', (text: string) => text.trimEnd().split('\n').slice(0, -1).join('\n')],
    ['lacks a line', (text: string) => text.split('\n').toSpliced(2, 1).join('\n')],
    ['is cut off', (text: string) => text.slice(0, text.length / 2)],
    ['is of another version', (text: string) => text.replace('"format":1', '"format":2')],
    ['is empty', () => ''],
  ])('that %s is refused with what to do', async (_, damage) => {
    const path = join(folder, 'damaged.jsonl');
    await writeSavedState(path, state);
    await writeFile(path, damage(await readFile(path, 'utf8')));
    await expect(readSavedState(path)).rejects.toThrow(SavedStateUnreadable);
    await expect(readSavedState(path)).rejects.toThrow(/damaged\.jsonl .* Move it away to begin with nothing/s);
  });
});
