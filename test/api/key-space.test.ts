import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toSpacedKey } from '../../shared/api/key-space.ts';
import { entry_id } from '../../shared/api/schemas.ts';

const users = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('ann', 'user:ann', 'ann:k', '#', '%', 'ü', '💳', 'service', 'x'.repeat(128)),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 128 }).filter((text) => text.isWellFormed()),
  },
);
const keys = fc.oneof(
  fc.constantFrom('k', 'user:ann:k', 'user:k', 'service:k', 'service:user:ann:k', ':', 'x'.repeat(255)),
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 255,
  }),
);
const senders = fc.record({ user: fc.option(users), key: keys });

test('two keys, or two senders, never give the same entry id', () => {
  fc.assert(
    fc.property(senders, senders, (a, b) => {
      fc.pre(a.user !== b.user || a.key !== b.key);
      expect(toSpacedKey(a.user, a.key)).not.toBe(toSpacedKey(b.user, b.key));
    }),
    { numRuns: 5_000 },
  );
});

test('each key of each sender fits into the id of an entry', () => {
  fc.assert(
    fc.property(senders, ({ user, key }) => {
      expect(entry_id.safeParse(`refund:${toSpacedKey(user, key)}`).success).toBe(true);
    }),
  );
});

test('the key stays readable in the id', () => {
  expect(toSpacedKey(null, 'job-42')).toBe('job-42');
  expect(toSpacedKey('ann', 'job-42')).toBe('user:ann:job-42');
  expect(toSpacedKey('auth0|1', 'job-42')).toBe('user:auth0%7C1:job-42');
  expect(toSpacedKey(null, 'user:ann:job-42')).toBe('service:user:ann:job-42');
});
