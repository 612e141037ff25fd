import { expect, test } from 'vitest';
import { newMember } from '../../shared/domain/account/member.ts';
import {
  evidenceOf,
  memberOf,
  no_rows,
  refundedOf,
  withMember,
  withRefunded,
} from '../../shared/domain/account/rows.ts';
import { Journey } from './fixtures.ts';

const { account } = new Journey('2026-03-01T00:00:00Z');

test('an account begins without rows beside it', () => {
  expect(account.rows).toEqual({ members: [], refunded: [], payments: [], evidence: [] });
  expect(no_rows).toEqual(account.rows);
});

test('a member’s row is found, and replaced by its new state', () => {
  const two = withMember(withMember(account, newMember('anna')), newMember('ben'));
  const changed = withMember(two, { ...newMember('anna'), used_credits: 5 });
  expect(changed.rows).toEqual({
    ...no_rows,
    members: [newMember('ben'), { ...newMember('anna'), used_credits: 5 }],
  });
  expect(memberOf(changed, 'anna')).toMatchObject({ used_credits: 5 });
  expect(memberOf(changed, 'carl')).toBeUndefined();
});

test('a charge’s row is found, and replaced by its new state', () => {
  const [first, second] = ['use:1', 'use:2'].map((entry_id) => ({ entry_id, refunded_credits: 1 }));
  if (first === undefined || second === undefined) return;
  const changed = withRefunded(withRefunded(withRefunded(account, first), second), { ...first, refunded_credits: 3 });
  expect(changed.rows).toEqual({ ...no_rows, refunded: [second, { ...first, refunded_credits: 3 }] });
  expect(refundedOf(changed, 'use:1')?.refunded_credits).toBe(3);
  expect(refundedOf(changed, 'use:3')).toBeUndefined();
});

test('an entry looked up in the ledger is found, and so is the fact that there is none', () => {
  const evidence = [{ entry_id: 'use:1', entry: null }];
  const known = { ...account, rows: { ...no_rows, evidence } };
  expect(evidenceOf(known, 'use:1')).toEqual({ entry_id: 'use:1', entry: null });
  expect(evidenceOf(known, 'use:2')).toBeUndefined();
});
