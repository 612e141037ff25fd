import { expect, test } from 'vitest';
import { transaction_answer } from '../../shared/api/credits-answers.ts';
import { toTransaction } from '../../shared/api/to-transaction.ts';
import type { Entry } from '../../shared/domain/ledger/entry.ts';

const at = Date.parse('2026-11-23T10:00:00.000Z');
const terms = { amount: 100, priority: 50, expires_at: null, created_at: at };
const entry: Entry = {
  entry_id: 'settle:hold_1',
  account_id: 'u_1',
  seq: 3,
  transaction_type: 'usage',
  amount: -5,
  balance_after: 95,
  description: 'a film',
  feature: 'films',
  covered_by: 'unlimited',
  covered_credits: 0,
  skipped_periods: 1,
  hold_id: 'hold_1',
  held_credits: 60,
  hold_expires_at: at,
  refunds: 'use:1',
  shortfall_credits: 2,
  member: 'ann',
  lots: [{ id: 'lot_1', kind: 'monthly', amount: -5, terms }],
  created_at: at,
  actor: 'ann',
  fingerprint: 'f',
  hash: 'h',
};

test('a transaction has its fields in one order, and nothing internal', () => {
  const transaction = toTransaction(entry);
  expect(Object.keys(transaction)).toEqual([
    'entry_id',
    'account_id',
    'seq',
    'transaction_type',
    'amount',
    'balance_after',
    'description',
    'feature',
    'covered_by',
    'covered_credits',
    'skipped_periods',
    'hold_id',
    'held_credits',
    'hold_expires_at',
    'refunds',
    'shortfall_credits',
    'lots',
    'created_at',
    'actor',
  ]);
  expect(transaction.hold_expires_at).toBe('2026-11-23T10:00:00.000Z');
  expect(transaction.lots).toEqual([{ id: 'lot_1', kind: 'monthly', amount: -5 }]);
  expect(transaction_answer.parse(transaction)).toEqual(transaction);
});

test('the order of an entry’s own fields makes no difference', () => {
  const reversed: Entry = { ...entry, ...Object.fromEntries(Object.entries(entry).toReversed()) };
  expect(JSON.stringify(toTransaction(reversed))).toBe(JSON.stringify(toTransaction(entry)));
});

test('a transaction leaves out what its entry does not have', () => {
  const plain: Entry = {
    entry_id: 'use:1',
    account_id: 'u_1',
    seq: 2,
    transaction_type: 'usage',
    amount: 0,
    balance_after: 100,
    description: 'x',
    lots: [],
    created_at: at,
    actor: 'u_1',
    fingerprint: null,
    hash: 'h',
  };
  const { fingerprint: _, hash: __, ...shown } = plain;
  expect(JSON.parse(JSON.stringify(toTransaction(plain)))).toEqual({
    ...shown,
    created_at: '2026-11-23T10:00:00.000Z',
  });
});
