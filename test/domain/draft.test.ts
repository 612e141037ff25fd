import { describe, expect, test } from 'vitest';
import { newAccount } from '../../shared/domain/account/account.ts';
import {
  bookClosedLot,
  bookFact,
  bookMovements,
  bookNewLot,
  draftOf,
  expireFreed,
  notBefore,
  systemFacts,
  withAccount,
  withClosed,
} from '../../shared/domain/account/draft.ts';
import type { EntryFacts } from '../../shared/domain/ledger/entry.ts';
import { chainHash, genesis_hash } from '../../shared/domain/ledger/entry.ts';
import { catalog, lotOf } from './fixtures.ts';

const account = { ...newAccount('u_1', catalog, 1_000), seq: 4, head_hash: 'head' };
const facts: EntryFacts = {
  entry_id: 'k',
  transaction_type: 'bonus',
  description: '',
  created_at: 2_000,
  actor: 'system',
  fingerprint: null,
};

describe('book an entry', () => {
  const monthly = lotOf({ id: 'lot_1', remaining: 30 });
  const bonus = lotOf({ id: 'lot_2', kind: 'bonus', remaining: 20 });
  const draft = draftOf({ ...account, lots: [monthly, bonus] });

  test('opens a lot named after its entry', () => {
    const opened = { kind: 'bonus', amount: 7, remaining: 5, priority: 10, expires_at: 9_000 } as const;
    const booked = bookNewLot(draft, facts, opened);
    expect(booked.account.lots.at(-1)).toEqual({
      ...opened,
      id: 'lot_5',
      held: 0,
      created_at: 2_000,
      is_closed: false,
    });
    expect(booked.entries).toEqual([
      expect.objectContaining({
        seq: 5,
        amount: 5,
        balance_after: 55,
        lots: [{ id: 'lot_5', kind: 'bonus', amount: 5 }],
      }),
    ]);
  });

  test('closes a lot: its remaining credits are gone, other lots stay', () => {
    const booked = bookClosedLot(draft, facts, monthly);
    expect(booked.account.lots).toEqual([bonus]);
    expect(booked.entries[0]).toMatchObject({ amount: -30, balance_after: 20 });
  });

  test('closes an empty lot without a negative zero', () => {
    const empty = lotOf({ id: 'lot_1', remaining: 0 });
    const booked = bookClosedLot(draftOf({ ...account, lots: [empty] }), facts, empty);
    expect(booked.entries[0]).toMatchObject({ amount: 0, lots: [{ id: 'lot_1', kind: 'monthly', amount: 0 }] });
  });

  test('moves lots: an emptied one is removed, the running period’s stays', () => {
    const movements = [
      { id: 'lot_1', kind: 'monthly', amount: -30 },
      { id: 'lot_2', kind: 'bonus', amount: -20 },
    ] as const;
    const booked = bookMovements(draft, facts, movements);
    expect(booked.account.lots).toEqual([{ ...monthly, remaining: 0 }]);
    expect(booked.entries[0]).toMatchObject({ amount: -50, balance_after: 0, lots: movements });
  });

  test('keeps a lot with one credit left', () => {
    const booked = bookMovements(draft, facts, [{ id: 'lot_2', kind: 'bonus', amount: -19 }]);
    expect(booked.account.lots).toEqual([monthly, { ...bonus, remaining: 1 }]);
  });

  test('can move nothing', () => {
    expect(bookFact(draft, facts).entries[0]).toMatchObject({ amount: 0, balance_after: 50, lots: [] });
  });

  test('continues the hash chain from the account’s head', () => {
    const twice = bookFact(bookFact(draft, facts), { ...facts, entry_id: 'k2' });
    expect(twice.entries.map((entry) => entry.seq)).toEqual([5, 6]);
    const [first, second] = twice.entries.map(({ hash, ...unsealed }) => ({ hash, unsealed }));
    expect(first?.hash).toBe(first && chainHash('head', first.unsealed));
    expect(second?.hash).toBe(second && chainHash(first?.hash ?? genesis_hash, second.unsealed));
    expect(twice.account).toMatchObject({ seq: 6, head_hash: second?.hash, version: 0 });
  });

  test('moves the account’s time forward, never back', () => {
    const late = bookFact(draft, facts).account;
    expect(notBefore(late, 1_500)).toBe(2_000);
    expect(notBefore(late, 2_500)).toBe(2_500);
    expect(bookFact(draftOf(late), { ...facts, created_at: 1_000 }).account.updated_at).toBe(2_000);
  });

  test('leaves the draft it was given unchanged', () => {
    const before = structuredClone(draft);
    bookClosedLot(draft, facts, monthly);
    withAccount(draft, { stripe_customer_id: 'cus_1' });
    expect(draft).toEqual(before);
  });
});

describe('close a lot under a hold', () => {
  const pinned = lotOf({ id: 'lot_1', kind: 'bonus', remaining: 30, held: 12 });
  const other = lotOf({ id: 'lot_2', kind: 'bonus', remaining: 20, held: 20 });

  test('keeps what is held and nothing else', () => {
    const booked = bookClosedLot(draftOf({ ...account, lots: [pinned, other] }), facts, pinned);
    expect(booked.account.lots).toEqual([{ ...pinned, remaining: 12, is_closed: true }, other]);
    expect(booked.entries).toMatchObject([
      { amount: -18, balance_after: 32, lots: [{ id: 'lot_1', kind: 'bonus', amount: -18 }] },
    ]);
    expect(withClosed([other, pinned], { ...pinned, held: 0 })).toEqual([
      other,
      { ...pinned, remaining: 12, is_closed: true },
    ]);
    expect(withClosed([other, { ...pinned, held: 0 }], pinned)).toEqual([other]);
  });

  test('can turn the rest into a new lot, which may be older than its entry', () => {
    const successor = {
      kind: 'rollover',
      amount: 7,
      remaining: 7,
      priority: 50,
      expires_at: 9_000,
      created_at: 500,
    } as const;
    const booked = bookClosedLot(draftOf({ ...account, lots: [pinned] }), facts, pinned, successor);
    expect(booked.account.lots).toEqual([
      { ...pinned, remaining: 12, is_closed: true },
      { ...successor, id: 'lot_5', held: 0, is_closed: false },
    ]);
    expect(booked.entries).toMatchObject([
      {
        amount: -11,
        balance_after: 19,
        lots: [
          { id: 'lot_1', kind: 'bonus', amount: -18 },
          { id: 'lot_5', kind: 'rollover', amount: 7 },
        ],
      },
    ]);
  });

  test('loses what comes free in the closed lot; other lots keep it', () => {
    const closed = { ...pinned, remaining: 12, is_closed: true };
    const freed = { ...closed, held: 5 };
    const gone = { ...closed, id: 'lot_3', held: 0 };
    const draft = draftOf({ ...account, lots: [freed, { ...other, held: 0 }, gone], updated_at: 1_500 });
    const booked = expireFreed(draft, 'h_1', 1_200);
    expect(booked.entries).toMatchObject([
      {
        entry_id: 'expire:h_1',
        transaction_type: 'expire',
        created_at: 1_500,
        actor: 'system',
        fingerprint: null,
        amount: -19,
        lots: [
          { id: 'lot_1', kind: 'bonus', amount: -7 },
          { id: 'lot_3', kind: 'bonus', amount: -12 },
        ],
      },
    ]);
    expect(booked.account.lots).toEqual([
      { ...freed, remaining: 5 },
      { ...other, held: 0 },
    ]);
    const nothing = draftOf({ ...account, lots: [closed, other] });
    expect(expireFreed(nothing, 'h_1', 1_200)).toBe(nothing);
  });

  test('removes a closed monthly lot once it is empty; the running one stays', () => {
    const running = lotOf({ id: 'lot_1', remaining: 5 });
    const closed = lotOf({ id: 'lot_2', remaining: 5, is_closed: true });
    const booked = bookMovements(draftOf({ ...account, lots: [running, closed] }), facts, [
      { id: 'lot_1', kind: 'monthly', amount: -5 },
      { id: 'lot_2', kind: 'monthly', amount: -5 },
    ]);
    expect(booked.account.lots).toEqual([{ ...running, remaining: 0 }]);
  });
});

test('an entry that nobody asked for is the system’s, and never earlier than the account’s time', () => {
  const draft = draftOf({ ...account, updated_at: 1_500 });
  expect(systemFacts(draft, 'expire:lot_1', 'expire', 1_400, 'why')).toEqual({
    entry_id: 'expire:lot_1',
    transaction_type: 'expire',
    description: 'why',
    created_at: 1_500,
    actor: 'system',
    fingerprint: null,
  });
  expect(systemFacts(draft, 'expire:lot_1', 'expire', 1_600, 'why').created_at).toBe(1_600);
});
