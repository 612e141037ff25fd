import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { fromCursor, toCursor } from '../../shared/api/cursor.ts';
import { transaction_types } from '../../shared/domain/ledger/entry.ts';

const accounts = fc.string({ minLength: 1, maxLength: 128 });
const positions = fc.tuple(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(null, ...transaction_types),
);
const schema = z.tuple([z.int().min(1), z.enum(transaction_types).nullable()]);
const refused = { code: 'validation_failed', members: { errors: [expect.objectContaining({ path: 'query.cursor' })] } };

describe('a cursor', () => {
  test('gives back the position it was made of', () => {
    fc.assert(
      fc.property(accounts, positions, (account_id, position) => {
        expect(fromCursor(schema, account_id, toCursor(account_id, position))).toEqual(position);
      }),
    );
  });

  test('is valid for one account only', () => {
    fc.assert(
      fc.property(accounts, accounts, positions, (account_id, other, position) => {
        fc.pre(account_id !== other);
        expect(() => fromCursor(schema, other, toCursor(account_id, position))).toThrow(
          expect.objectContaining(refused),
        );
      }),
    );
  });

  test('with any character changed, added or removed is refused', () => {
    const edits = fc.tuple(
      fc.nat(200),
      fc.constantFrom('', 'A', 'B', '_', '-', '.', '=', '%', '\u0000', 'é'),
      fc.nat(1),
    );
    fc.assert(
      fc.property(positions, edits, (position, [at, text, taken]) => {
        const cursor = toCursor('u_1', position);
        const changed = cursor.slice(0, at) + text + cursor.slice(at + taken);
        fc.pre(changed !== cursor);
        expect(() => fromCursor(schema, 'u_1', changed)).toThrow(expect.objectContaining(refused));
      }),
      { numRuns: 1_000 },
    );
  });

  test('that the API did not make is refused', () => {
    const json = fc.json().map((text) => Buffer.from(text).toString('base64url'));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), json), (cursor) => {
        expect(() => fromCursor(schema, 'u_1', cursor)).toThrow(expect.objectContaining(refused));
      }),
    );
  });
});
