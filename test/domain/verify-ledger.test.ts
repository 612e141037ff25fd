import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainHash, type Entry } from '../../shared/domain/entry.ts';
import { balanceOf } from '../../shared/domain/lot.ts';
import { type LedgerProblem, verification_start, verifyEntry, verifyHead } from '../../shared/domain/verify-ledger.ts';
import { type Journey, proJourney } from './fixtures.ts';
import { beginnings, happenings, lived } from './histories.ts';

function problemsOf({ account }: Journey, entries: readonly Entry[]): LedgerProblem[] {
  const verification = entries.reduce(verifyEntry, verification_start);
  return verifyHead(verification, { ...account, balance: balanceOf(account.lots) });
}

function hashed(entry: Entry, previous = ''): Entry {
  const { hash: _hash, ...unsealed } = entry;
  return { ...entry, hash: chainHash(previous, unsealed) };
}

/** A life with at least `length` entries, and a row of it. */
const ledgers = (length: number) =>
  fc.tuple(beginnings, happenings, fc.nat()).map(([beginning, happened, nth]) => {
    const journey = lived(beginning, happened);
    for (let more = 0; more < length; more += 1) journey.grant({ amount: 5 });
    return { journey, entries: journey.entries, row: nth % (journey.entries.length - 1) };
  });

const runs = { numRuns: 200 };

/** The row's entry, which is in every ledger that the tests make. */
function rowOf(entries: readonly Entry[], row: number): Entry {
  const entry = entries[row];
  if (entry === undefined) throw new Error(`no row ${row}`);
  return entry;
}

describe('verify names', () => {
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

  test('an edited row whose hash was made anew, by the row after it', () => {
    fc.assert(
      fc.property(ledgers(3), ({ journey, entries, row }) => {
        const edited = { ...rowOf(entries, row), description: 'never happened' };
        const found = problemsOf(journey, entries.with(row, hashed(edited, entries[row - 1]?.hash)));
        expect(found.map(({ seq, problem }) => [seq, problem])).toEqual([[edited.seq + 1, 'hash']]);
      }),
      runs,
    );
  });

  test('an edited last row whose hash was made anew, by the account', () => {
    const journey = proJourney();
    const { entries } = journey;
    const last = rowOf(entries, entries.length - 1);
    const edited = hashed({ ...last, actor: 'nobody' }, entries.at(-2)?.hash);
    expect(problemsOf(journey, entries.with(-1, edited)).map(({ problem }) => problem)).toEqual(['head']);
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

  test('a deleted end, by the account', () => {
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

  test('an inserted row, however well it is made', () => {
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

  test('a row appended to the end, by the account', () => {
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

  test('one bad row once: the rows after it are not blamed', () => {
    const journey = proJourney();
    for (let use = 0; use < 5; use += 1) journey.deduct(10);
    const edited = { ...rowOf(journey.entries, 3), description: 'never happened' };
    const found = problemsOf(journey, journey.entries.with(3, edited));
    expect(found.map(({ seq, problem }) => [seq, problem])).toEqual([[4, 'hash']]);
  });

  test('an amount that its lots did not move, and a balance that is not the sum', () => {
    const journey = proJourney();
    journey.deduct(10);
    const used = rowOf(journey.entries, journey.entries.length - 1);
    const found = problemsOf(journey, journey.entries.with(-1, { ...used, amount: -9 }));
    expect(found.map(({ problem }) => problem)).toEqual(['sum', 'balance', 'hash']);
  });

  test('an account whose lots do not hold what the rows sum up to', () => {
    const journey = proJourney();
    const verification = journey.entries.reduce(verifyEntry, verification_start);
    const found = verifyHead(verification, { ...journey.account, balance: 1_001 });
    expect(found.map(({ problem, detail }) => [problem, detail])).toEqual([
      ['head', "the rows sum up to 1000, the account's lots hold 1001"],
    ]);
  });
});

test('an empty ledger of an account that has none is whole', () => {
  expect(verifyHead(verification_start, { seq: 0, head_hash: '', balance: 0 })).toEqual([]);
});

test('a verification holds nothing of the rows but their number, sum and last hash', () => {
  const { entries } = proJourney();
  const verification = entries.reduce(verifyEntry, verification_start);
  const { hash } = rowOf(entries, entries.length - 1);
  expect(verification).toEqual({ seq: entries.length, entries: entries.length, balance: 1_000, hash, problems: [] });
});
