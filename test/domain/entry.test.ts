import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { chainHash, type Entry, genesis_hash, transaction_types } from '../../shared/domain/ledger/entry.ts';

const entry: Omit<Entry, 'hash'> = {
  entry_id: 'use:k1',
  transaction_type: 'usage',
  description: 'zwölf „Posts“',
  created_at: 1_772_353_800_250,
  actor: 'u_1',
  fingerprint: null,
  account_id: 'u_1',
  seq: 2,
  amount: -12,
  balance_after: 88,
  lots: [{ id: 'lot_1', kind: 'monthly', amount: -12 }],
};

describe('chainHash', () => {
  test('is SHA-256 over the previous hash and the RFC 8785 form, so any program can compute it', () => {
    const canonical =
      '{"account_id":"u_1","actor":"u_1","amount":-12,"balance_after":88,"created_at":1772353800250,' +
      '"description":"zwölf „Posts“","entry_id":"use:k1","fingerprint":null,' +
      '"lots":[{"amount":-12,"id":"lot_1","kind":"monthly"}],"seq":2,"transaction_type":"usage"}';
    expect(chainHash('abc', entry)).toBe(createHash('sha256').update(`abc\n${canonical}`).digest('base64url'));
    expect(chainHash(genesis_hash, entry)).toBe(createHash('sha256').update(`\n${canonical}`).digest('base64url'));
  });

  test('does not depend on the order of an entry’s members', () => {
    const { entry_id, lots, ...others } = entry;
    expect(chainHash('', { lots, ...others, entry_id })).toBe(chainHash('', entry));
  });

  test('throws for a value without a canonical form', () => {
    const formless = { ...entry, toJSON: () => undefined };
    expect(() => chainHash('', formless)).toThrow(new TypeError('an entry has a canonical form'));
  });

  test.each([
    ['the predecessor', 'x', {}],
    ['the amount', '', { amount: -11 }],
    ['the description', '', { description: 'zwölf' }],
    ['the time', '', { created_at: 1_772_353_800_251 }],
    ['the actor', '', { actor: 'u_2' }],
    ['the account', '', { account_id: 'u_2' }],
    ['the fingerprint', '', { fingerprint: '' }],
    ['a lot', '', { lots: [{ id: 'lot_2', kind: 'monthly', amount: -12 }] }],
    ['a member more', '', { feature: 'ads' }],
  ] as const)('differs when %s differs', (_, previous, changes) => {
    expect(chainHash(previous, { ...entry, ...changes })).not.toBe(chainHash('', entry));
  });
});

test('each transaction type is listed once', () => {
  expect(new Set(transaction_types).size).toBe(transaction_types.length);
  expect(transaction_types.slice(0, 4)).toEqual(['usage', 'refund', 'bonus', 'reset']);
});
