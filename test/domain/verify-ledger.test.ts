import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../shared/domain/ledger/entry.ts';
import {
  type LedgerProblem,
  type UnreadableRow,
  verification_start,
  verifyEntry,
  verifyHead,
  verifyStray,
  verifyUnreadable,
} from '../../shared/domain/ledger/verify.ts';
import { type Journey, proJourney } from './fixtures.ts';
import { beginnings, happenings, lived } from './histories.ts';
import { hashed, headOf, named, problemsOf, rowOf, unreadable } from './ledgers.ts';

/** A life with at least `length` entries, and a row of it. */
const ledgers = (length: number) =>
  fc.tuple(beginnings, happenings, fc.nat()).map(([beginning, happened, nth]) => {
    const journey = lived(beginning, happened);
    for (let more = 0; more < length; more += 1) journey.grant({ amount: 5 });
    return { journey, entries: journey.entries, row: nth % (journey.entries.length - 1) };
  });

const runs = { numRuns: 200 };

describe('verify the ledger names', () => {
  const edits: fc.Arbitrary<(entry: Entry) => Partial<Entry>> = fc.constantFrom(
    (entry: Entry) => ({ amount: entry.amount + 1 }),
    (entry: Entry) => ({ balance_after: entry.balance_after + 1 }),
    (entry: Entry) => ({ created_at: entry.created_at + 1 }),
    (entry: Entry) => ({ entry_id: `${entry.entry_id}x` }),
    (entry: Entry) => ({ description: `${entry.description}x` }),
    () => ({ actor: 'somebody else' }),
    () => ({ account_id: 'u_2' }),
    () => ({ fingerprint: 'another' }),
    () => ({ lots: [{ id: 'lot_0', kind: 'bonus', amount: 1 } as const] }),
    () => ({ feature: 'ads' }),
    (entry: Entry) => ({ hash: entry.hash.toLowerCase().replace(/^./, '_') }),
  );

  test('any edited row', () => {
    fc.assert(
      fc.property(ledgers(3), edits, ({ journey, entries, row }, edit) => {
        const edited = rowOf(entries, row);
        const found = problemsOf(journey, entries.with(row, { ...edited, ...edit(edited) }));
        expect(found).toContainEqual(expect.objectContaining({ seq: edited.seq, problem: 'hash' }));
      }),
      runs,
    );
  });

  test('an edited row with a recomputed hash, by the row after it', () => {
    fc.assert(
      fc.property(ledgers(3), ({ journey, entries, row }) => {
        const edited = { ...rowOf(entries, row), description: 'never happened' };
        const found = problemsOf(journey, entries.with(row, hashed(edited, entries[row - 1]?.hash)));
        expect(named(found)).toEqual([[edited.seq + 1, 'hash']]);
      }),
      runs,
    );
  });

  test('an edited last row with a recomputed hash, by the account', () => {
    const journey = proJourney();
    const { entries } = journey;
    const last = rowOf(entries, entries.length - 1);
    const edited = hashed({ ...last, actor: 'nobody' }, entries.at(-2)?.hash);
    expect(problemsOf(journey, entries.with(-1, edited))).toEqual([
      { seq: null, entry_id: null, problem: 'head', detail: "the last row's hash is not the account's" },
    ]);
  });

  test('a deleted row, by the row after it', () => {
    fc.assert(
      fc.property(ledgers(3), ({ journey, entries, row }) => {
        const { seq } = rowOf(entries, row);
        const found = problemsOf(journey, entries.toSpliced(row, 1));
        expect(found).toContainEqual({
          seq: seq + 1,
          entry_id: entries[row + 1]?.entry_id,
          problem: 'missing',
          detail: `rows ${seq} to ${seq} are missing before it`,
        });
      }),
      runs,
    );
  });

  test('deleted last rows, by the account', () => {
    fc.assert(
      fc.property(ledgers(3), fc.integer({ min: 1, max: 3 }), ({ journey, entries }, cut) => {
        const found = problemsOf(journey, entries.slice(0, -cut));
        expect(found).toContainEqual({
          seq: null,
          entry_id: null,
          problem: 'head',
          detail: `the last row is ${entries.length - cut}, the account says ${entries.length}`,
        });
      }),
      runs,
    );
  });

  test('an inserted row, however well it is forged', () => {
    fc.assert(
      fc.property(ledgers(3), ({ journey, entries, row }) => {
        const before = rowOf(entries, row);
        const fake = hashed({ ...before, entry_id: 'bonus:fake', amount: 0, lots: [] }, before.hash);
        const found = problemsOf(journey, entries.toSpliced(row + 1, 0, fake));
        expect(found).toContainEqual(expect.objectContaining({ entry_id: 'bonus:fake', problem: 'inserted' }));
      }),
      runs,
    );
  });

  test('a row appended at the end, by the account', () => {
    const journey = proJourney();
    const last = rowOf(journey.entries, journey.entries.length - 1);
    const fake = hashed({ ...last, entry_id: 'fake', seq: last.seq + 1, amount: 0, lots: [] }, last.hash);
    expect(problemsOf(journey, [...journey.entries, fake]).map(({ problem }) => problem)).toEqual(['head']);
  });

  test('two rows that changed places', () => {
    fc.assert(
      fc.property(ledgers(3), ({ journey, entries, row }) => {
        const [first, second] = [rowOf(entries, row), rowOf(entries, row + 1)];
        const swapped = entries.with(row, { ...second, seq: first.seq }).with(row + 1, { ...first, seq: second.seq });
        const named = problemsOf(journey, swapped).map(({ seq }) => seq);
        expect(named).toContain(first.seq);
        expect(named).toContain(second.seq);
        expect(problemsOf(journey, entries.with(row, second).with(row + 1, first))).toContainEqual(
          expect.objectContaining({ entry_id: first.entry_id, problem: 'inserted' }),
        );
      }),
      runs,
    );
  });

  test('a bad row, and not the rows after it', () => {
    fc.assert(
      fc.property(ledgers(3), edits, ({ journey, entries, row }, edit) => {
        const edited = rowOf(entries, row);
        const found = problemsOf(journey, entries.with(row, { ...edited, ...edit(edited) }));
        expect(new Set(found.map(({ seq }) => seq))).toEqual(new Set([edited.seq]));
      }),
      runs,
    );
  });

  test('each of two bad rows in a row, and none after them', () => {
    fc.assert(
      fc.property(ledgers(4), edits, edits, ({ journey, entries, row }, edit, other_edit) => {
        const [first, second] = [rowOf(entries, row), rowOf(entries, row + 1)];
        const bad = entries.with(row, { ...first, ...edit(first) }).with(row + 1, { ...second, ...other_edit(second) });
        expect(new Set(problemsOf(journey, bad).map(({ seq }) => seq))).toEqual(new Set([first.seq, second.seq]));
      }),
      runs,
    );
  });

  test('the inserted one of two rows with one seq, whichever comes first', () => {
    fc.assert(
      fc.property(ledgers(3), fc.boolean(), ({ journey, entries, row }, is_first) => {
        const { seq, entry_id } = rowOf(entries, row);
        const fake = { ...rowOf(entries, row), entry_id: 'bonus:fake', description: 'never happened' };
        const found = problemsOf(journey, entries.toSpliced(is_first ? row : row + 1, 0, fake));
        expect(new Set(found.map((problem) => problem.entry_id))).toEqual(new Set(['bonus:fake']));
        expect(found).toContainEqual({
          seq,
          entry_id: 'bonus:fake',
          problem: 'inserted',
          detail: `a second row with seq ${seq}, beside ${entry_id}`,
        });
      }),
      runs,
    );
  });

  test('a row before the first', () => {
    const journey = proJourney();
    const fake = { ...rowOf(journey.entries, 0), seq: 0, entry_id: 'bonus:fake' };
    expect(problemsOf(journey, [fake, ...journey.entries])).toEqual([
      { seq: 0, entry_id: 'bonus:fake', problem: 'inserted', detail: 'there is no place for a row with seq 0' },
    ]);
  });

  test('an amount that its lots did not move, and a balance that is not the sum', () => {
    const journey = proJourney();
    journey.deduct(10);
    const used = rowOf(journey.entries, journey.entries.length - 1);
    const found = problemsOf(journey, journey.entries.with(-1, { ...used, amount: -9 }));
    expect(found.map(({ problem, detail }) => [problem, detail])).toEqual([
      ['sum', 'its lots moved -10, its amount is -9'],
      ['balance', 'the sum so far is 991, it says 990'],
      ['hash', 'its content or its predecessor is not what was written'],
    ]);
  });

  test('an account whose lots do not hold the sum of the rows', () => {
    const journey = proJourney();
    const verification = journey.entries.reduce(verifyEntry, verification_start);
    const found = verifyHead(verification, { ...journey.account, balance: 1_001 });
    expect(found.map(({ problem, detail }) => [problem, detail])).toEqual([
      ['head', "the rows sum up to 1000, the account's lots hold 1001"],
    ]);
  });
});

describe('a row that cannot be read', () => {
  function problemsWith(journey: Journey, row: number, changes: Partial<UnreadableRow> = {}): LedgerProblem[] {
    const { entries } = journey;
    const before = entries.slice(0, row).reduce(verifyEntry, verification_start);
    const passed = verifyUnreadable(before, unreadable(rowOf(entries, row), changes));
    return verifyHead(entries.slice(row + 1).reduce(verifyEntry, passed), headOf(journey));
  }

  test('is named with its reason, and the rows after it are verified', () => {
    fc.assert(
      fc.property(ledgers(3), ({ journey, entries, row }) => {
        const { seq, entry_id } = rowOf(entries, row);
        const problem = { seq, entry_id, problem: 'unreadable', detail: 'amount: not a number' };
        expect(problemsWith(journey, row)).toEqual([problem]);
      }),
      runs,
    );
  });

  test('without a balance leaves the sum to the row after it', () => {
    expect(named(problemsWith(proJourney(), 1, { balance_after: null }))).toEqual([[2, 'unreadable']]);
  });

  test('without a hash leaves the row after it in doubt', () => {
    expect(named(problemsWith(proJourney(), 1, { hash: null }))).toEqual([
      [2, 'unreadable'],
      [3, 'hash'],
    ]);
  });

  test('without a seq is named beside the missing row', () => {
    expect(named(problemsWith(proJourney(), 1, { seq: null }))).toEqual([
      [null, 'unreadable'],
      [3, 'missing'],
    ]);
  });

  test('behind a gap is named together with the gap', () => {
    const { entries } = proJourney();
    const verification = verifyUnreadable(verification_start, unreadable(rowOf(entries, 2)));
    expect(named(verification.found)).toEqual([
      [3, 'missing'],
      [3, 'unreadable'],
    ]);
  });
});

describe('an account that does not exist', () => {
  test('has an empty ledger', () => {
    expect(verifyHead(verification_start, null)).toEqual([]);
  });

  test('cannot have ledger rows', () => {
    const verification = proJourney().entries.reduce(verifyEntry, verification_start);
    expect(verifyHead(verification, null)).toMatchObject([
      { seq: null, problem: 'head', detail: 'there is no account, and there are 3 rows of it' },
    ]);
  });
});

test.each([
  [9, 'the account has no row 9'],
  [null, 'it has no seq'],
])('a row without a place, with seq %s, is named', (seq, detail) => {
  const verification = verifyStray(verification_start, { seq, entry_id: 'use:fake' });
  expect(verification.found).toEqual([{ seq, entry_id: 'use:fake', problem: 'inserted', detail }]);
  expect(verification.entries).toBe(1);
});

test('a hundred problems are listed, all are counted', () => {
  const journey = proJourney();
  for (let use = 0; use < 250; use += 1) journey.deduct(1);
  const edited = journey.entries.map((entry) => ({ ...entry, description: 'never happened' }));
  const verification = edited.reduce(verifyEntry, verification_start);
  expect(verification.problems_count).toBe(edited.length);
  expect(verification.problems).toHaveLength(100);
  expect(verification.problems.at(-1)).toMatchObject({ seq: 100, problem: 'hash' });
  expect(verification.found).toMatchObject([{ seq: edited.length, problem: 'hash' }]);
});

test('the empty ledger of a missing account is whole', () => {
  expect(verification_start.found).toEqual([]);
  expect(verifyHead(verification_start, { seq: 0, head_hash: '', balance: 0 })).toEqual([]);
});

test('a verification uses no more memory at its end than at its beginning', () => {
  const journey = proJourney();
  const sizeAfter = (entries: readonly Entry[]) =>
    JSON.stringify(entries.reduce(verifyEntry, verification_start)).length;
  const short = sizeAfter(journey.entries);
  for (let use = 0; use < 500; use += 1) journey.deduct(1);
  expect(sizeAfter(journey.entries)).toBeLessThan(short + 50);
});
