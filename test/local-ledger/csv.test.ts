import { expect, test } from 'vitest';
import { csvHeader, toCsv } from '../../local/ledger/csv.ts';
import type { Entry } from '../../shared/domain/ledger/entry.ts';

const entry: Entry = {
  account_id: 'u_1',
  entry_id: 'use:a',
  seq: 2,
  transaction_type: 'usage',
  amount: -75,
  balance_after: 25,
  lots: [
    { id: 'lot_1', kind: 'monthly', amount: -70 },
    { id: 'lot_2', kind: 'purchase', amount: -5 },
  ],
  description: 'an image',
  created_at: Date.parse('2026-11-23T10:00:00.000Z'),
  actor: 'u_1',
  fingerprint: 'f',
  hash: 'h',
};

/** The fields by the header's names, for records without quotes. */
function fieldsOf(record: string): Record<string, string> {
  const fields = record.trimEnd().split(',');
  return Object.fromEntries(
    csvHeader()
      .trimEnd()
      .split(',')
      .map((name, nth) => [name, fields[nth] ?? '']),
  );
}

test('a CSV record has what a book-keeper asks for', () => {
  expect(fieldsOf(toCsv({ ...entry, feature: 'images', refunds: 'use:b', hold_id: 'hold_1' }))).toEqual({
    account_id: 'u_1',
    seq: '2',
    created_at: '2026-11-23T10:00:00.000Z',
    transaction_type: 'usage',
    amount: '-75',
    balance_after: '25',
    description: 'an image',
    feature: 'images',
    actor: 'u_1',
    member: '',
    entry_id: 'use:a',
    refunds: 'use:b',
    hold_id: 'hold_1',
    held_credits: '',
    covered_by: '',
    covered_credits: '',
    shortfall_credits: '',
    skipped_periods: '',
    lots: 'monthly lot_1 -70; purchase lot_2 -5',
    hash: 'h',
  });
});

test('CSV records end with CR LF', () => {
  for (const record of [csvHeader(), toCsv(entry)]) expect(record).toMatch(/^[^\r\n]+\r\n$/);
});

test.each([
  ['a, b', '"a, b"'],
  ['say "a"', '"say ""a"""'],
  ['two\nlines', '"two\nlines"'],
  ['a\rb', '"a\rb"'],
  [' padded ', ' padded '],
  ['', ''],
  ['déjà vu 🎨', 'déjà vu 🎨'],
])('the text %j becomes the field %j', (description, field) => {
  expect(toCsv({ ...entry, description })).toContain(`,25,${field},`);
});

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['＝1+1', "'＝1+1"],
  ['=HYPERLINK("http://x","a")', `"'=HYPERLINK(""http://x"",""a"")"`],
  ['\r=1', `"'\r=1"`],
  ["'=1", "'=1"],
  ['a=1', 'a=1'],
])('%j cannot run as a formula in a spreadsheet: %j', (description, field) => {
  expect(toCsv({ ...entry, description })).toContain(`,25,${field},`);
});

test('an id cannot be a formula either, and a negative number stays one', () => {
  const record = fieldsOf(toCsv({ ...entry, account_id: '=a', actor: '@b', member: '+c', feature: '-d' }));
  expect(record).toMatchObject({ account_id: "'=a", actor: "'@b", member: "'+c", feature: "'-d", amount: '-75' });
});
