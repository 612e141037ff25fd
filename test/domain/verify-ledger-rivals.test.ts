import { describe, expect, test } from 'vitest';
import type { Entry } from '../../shared/domain/ledger/entry.ts';
import { verification_start, verifyEntry, verifyHead, verifyUnreadable } from '../../shared/domain/ledger/verify.ts';
import { type Journey, proJourney } from './fixtures.ts';
import { hashed, headOf, named, problemsOf, rowOf, unreadable } from './ledgers.ts';

/** Six rows, of which the last three are deductions of 10, 20 and 30. */
function spent(): Journey {
  const journey = proJourney();
  for (const amount of [10, 20, 30]) journey.deduct(amount);
  return journey;
}

/** A row in the place of the one at `row`, that says it took 7. */
function fakeOf({ entries }: Journey, row: number): Entry {
  const { balance_after } = rowOf(entries, row - 1);
  const lots = [{ id: 'lot_3', kind: 'monthly', amount: -7 } as const];
  const fake = { ...rowOf(entries, row), entry_id: 'use:fake', amount: -7, lots, balance_after: balance_after - 7 };
  return hashed(fake, rowOf(entries, row - 1).hash);
}

const orders = [{ fake_is: 'first' }, { fake_is: 'second' }] as const;

function beside(fake: Entry, real: Entry, fake_is: 'first' | 'second'): readonly [Entry, Entry] {
  return fake_is === 'first' ? [fake, real] : [real, fake];
}

describe('verify two rows with one seq', () => {
  test.each(orders)('that both follow the row before, the fake one $fake_is: names the second', ({ fake_is }) => {
    const journey = spent();
    for (const row of [3, 5]) {
      const [first, second] = beside(fakeOf(journey, row), rowOf(journey.entries, row), fake_is);
      expect(problemsOf(journey, journey.entries.toSpliced(row, 1, first, second))).toEqual([
        {
          seq: first.seq,
          entry_id: second.entry_id,
          problem: 'inserted',
          detail: `a second row with seq ${first.seq}, beside ${first.entry_id}`,
        },
      ]);
    }
  });

  test.each(orders)('neither of which follows the row before, the fake one $fake_is: names both', ({ fake_is }) => {
    const journey = spent();
    const edited = { ...rowOf(journey.entries, 3), description: 'never happened' };
    const [first, second] = beside({ ...fakeOf(journey, 3), hash: 'fake' }, edited, fake_is);
    const found = problemsOf(journey, journey.entries.toSpliced(3, 1, first, second));
    expect(found).toMatchObject([
      { entry_id: first.entry_id, problem: 'hash' },
      { entry_id: second.entry_id, problem: 'inserted' },
    ]);
  });

  test('of which the fake one does not follow: names it, and not the rows after it', () => {
    const journey = spent();
    const { entries } = journey;
    const fake = { ...fakeOf(journey, 3), hash: 'fake' };
    const after = problemsOf(journey, entries.toSpliced(4, 0, fake));
    expect(after).toMatchObject([{ entry_id: 'use:fake', problem: 'inserted' }]);
    const before = problemsOf(journey, entries.toSpliced(3, 0, fake));
    expect(before).toMatchObject([
      { entry_id: 'use:fake', problem: 'hash' },
      { entry_id: 'use:fake', problem: 'inserted' },
    ]);
  });

  test('and a row that follows the inserted one: names that too', () => {
    const journey = spent();
    const { entries } = journey;
    const fake = { ...fakeOf(journey, 3), hash: 'fake' };
    const next = hashed(rowOf(entries, 4), fake.hash);
    expect(named(problemsOf(journey, entries.toSpliced(4, 1, fake, next)))).toEqual([
      [4, 'inserted'],
      [5, 'hash'],
    ]);
  });

  test('of which one cannot be read: names that one as inserted', () => {
    const journey = spent();
    const { entries } = journey;
    const before = entries.slice(0, 3).reduce(verifyEntry, verification_start);
    const fake = unreadable(rowOf(entries, 3), { entry_id: 'use:fake', balance_after: 5, hash: 'fake' });
    const verification = entries.slice(3).reduce(verifyEntry, verifyUnreadable(before, fake));
    expect(verifyHead(verification, headOf(journey))).toMatchObject([
      { entry_id: 'use:fake', problem: 'unreadable' },
      { entry_id: 'use:fake', problem: 'inserted' },
    ]);
  });

  test('of which one cannot be read and the other was edited: names the second, and not the rows after it', () => {
    const journey = spent();
    const { entries } = journey;
    const before = entries.slice(0, 3).reduce(verifyEntry, verification_start);
    const fake = unreadable(rowOf(entries, 3), { entry_id: 'use:fake', balance_after: null, hash: 'fake' });
    const edited = { ...rowOf(entries, 3), description: 'never happened' };
    const verification = entries.with(3, edited).slice(3).reduce(verifyEntry, verifyUnreadable(before, fake));
    expect(named(verifyHead(verification, headOf(journey)))).toEqual([
      [4, 'unreadable'],
      [4, 'inserted'],
    ]);
  });

  test('behind a gap: names the second, since nobody can tell', () => {
    const journey = spent();
    const { entries } = journey;
    const before = entries.slice(0, 3).reduce(verifyEntry, verification_start);
    const real = rowOf(entries, 5);
    const verification = verifyEntry(verifyUnreadable(before, unreadable(real, { entry_id: 'use:fake' })), real);
    expect(verifyHead(verification, headOf(journey))).toMatchObject([
      { seq: 6, problem: 'missing' },
      { entry_id: 'use:fake', problem: 'unreadable' },
      { entry_id: real.entry_id, problem: 'inserted' },
    ]);
  });
});

describe('verify a row that cannot be read', () => {
  test.each([3, 4])('that claims to be row %s again: names it alone', (seq) => {
    const journey = spent();
    const { entries } = journey;
    const before = entries.slice(0, 4).reduce(verifyEntry, verification_start);
    const again = unreadable(rowOf(entries, 3), { seq, entry_id: 'use:fake', hash: 'fake' });
    const verification = entries.slice(4).reduce(verifyEntry, verifyUnreadable(before, again));
    expect(verifyHead(verification, headOf(journey))).toMatchObject([{ entry_id: 'use:fake', problem: 'unreadable' }]);
  });

  test.each([
    [null, [[4, 'unreadable']]],
    [
      5,
      [
        [4, 'unreadable'],
        [5, 'balance'],
      ],
    ],
  ])('that claims the balance %s: the row after it continues from what can be read', (balance_after, problems) => {
    const journey = spent();
    const { entries } = journey;
    const before = entries.slice(0, 3).reduce(verifyEntry, verification_start);
    const row = unreadable(rowOf(entries, 3), { balance_after });
    const verification = entries.slice(4).reduce(verifyEntry, verifyUnreadable(before, row));
    expect(named(verifyHead(verification, headOf(journey)))).toEqual(problems);
  });

  test('at the end without a balance: says nothing about the lots', () => {
    const journey = spent();
    const before = journey.entries.slice(0, 5).reduce(verifyEntry, verification_start);
    const verification = verifyUnreadable(before, unreadable(rowOf(journey.entries, 5), { balance_after: null }));
    expect(named(verifyHead(verification, { ...headOf(journey), balance: 1 }))).toEqual([[6, 'unreadable']]);
  });
});

describe('verify a row behind a wrong row and a right one', () => {
  test('that follows what the wrong row should have been: names it', () => {
    const journey = spent();
    const { entries } = journey;
    const edited = { ...rowOf(entries, 3), description: 'never happened' };
    const should_be = hashed(rowOf(entries, 4), hashed(edited, rowOf(entries, 2).hash).hash);
    const last = hashed(rowOf(entries, 5), should_be.hash);
    expect(named(problemsOf(journey, entries.with(3, edited).with(5, last)))).toEqual([
      [4, 'hash'],
      [6, 'hash'],
    ]);
  });

  test('that continues from the wrong row’s balance: names it', () => {
    const journey = spent();
    const { entries } = journey;
    const [wrong, last] = [rowOf(entries, 3), rowOf(entries, 5)];
    const goes_on = hashed({ ...last, balance_after: last.balance_after + 1 }, rowOf(entries, 4).hash);
    const edited = { ...wrong, balance_after: wrong.balance_after + 1 };
    expect(named(problemsOf(journey, entries.with(3, edited).with(5, goes_on)))).toEqual([
      [4, 'balance'],
      [4, 'hash'],
      [6, 'balance'],
      [null, 'head'],
    ]);
  });
});

describe('a verification uses little memory', () => {
  test('when every row is wrong', () => {
    const journey = proJourney();
    for (let use = 0; use < 20; use += 1) journey.deduct(1);
    const edited = journey.entries.map((entry) => ({
      ...entry,
      description: 'never happened',
      balance_after: entry.balance_after + entry.seq ** 2,
    }));
    const { last } = edited.reduce(verifyEntry, verification_start);
    expect([last.hashes?.length, last.balances?.length]).toEqual([3, 3]);
  });

  test('when many rows have one seq', () => {
    const journey = spent();
    const { entries } = journey;
    const fake = fakeOf(journey, 5);
    const fakes = Array.from({ length: 20 }, (_, nth) =>
      hashed({ ...fake, entry_id: `use:fake_${nth}`, balance_after: nth }, rowOf(entries, 4).hash),
    );
    const { last } = [...entries, ...fakes].reduce(verifyEntry, verification_start);
    expect([last.hashes?.length, last.balances?.length]).toEqual([3, 3]);
  });
});
