import { expect, test } from 'vitest';
import { walkLedger } from '../../shared/store/ledger-rows.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { longLedger, pages, rows, rows_per_page } from './long-ledger.ts';

const wait = async () => undefined;

test('verify holds one page of the ledger at a time', async () => {
  const { database, alive } = longLedger();
  expect(await verifyLedger(database, 'u_1', { wait })).toEqual({
    ok: true,
    entries: rows,
    balance: rows,
    problems: [],
  });
  expect(alive).toHaveLength(pages + 1);
  expect(Math.max(...alive)).toBeLessThanOrEqual(1);
});

test('a walk reads the next page when the one before has been used up', async () => {
  const { database, alive } = longLedger();
  let walked = 0;
  for await (const _ of walkLedger(database, 'u_1', rows, { wait })) {
    walked += 1;
    expect(alive).toHaveLength(Math.ceil(walked / rows_per_page));
  }
  expect(walked).toBe(rows);
  expect(Math.max(...alive)).toBeLessThanOrEqual(1);
});
