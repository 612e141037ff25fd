import type { Entry } from '../../shared/domain/ledger/entry.ts';
import { toIso } from '../../shared/domain/units.ts';

/** A whole number or text; null or undefined if the entry has no such member. */
type Cell = number | string | null | undefined;

/** The columns in their order, and each one's value of an entry. Moments are ISO 8601 in UTC. */
const columns: readonly (readonly [name: string, (entry: Entry) => Cell])[] = [
  ['account_id', ({ account_id }) => account_id],
  ['seq', ({ seq }) => seq],
  ['created_at', ({ created_at }) => toIso(created_at)],
  ['transaction_type', ({ transaction_type }) => transaction_type],
  ['amount', ({ amount }) => amount],
  ['balance_after', ({ balance_after }) => balance_after],
  ['description', ({ description }) => description],
  ['feature', ({ feature }) => feature],
  ['actor', ({ actor }) => actor],
  ['member', ({ member }) => member],
  ['entry_id', ({ entry_id }) => entry_id],
  ['refunds', ({ refunds }) => refunds],
  ['hold_id', ({ hold_id }) => hold_id],
  ['held_credits', ({ held_credits }) => held_credits],
  ['covered_by', ({ covered_by }) => covered_by],
  ['covered_credits', ({ covered_credits }) => covered_credits],
  ['shortfall_credits', ({ shortfall_credits }) => shortfall_credits],
  ['skipped_periods', ({ skipped_periods }) => skipped_periods],
  ['lots', ({ lots }) => lots.map(({ id, kind, amount }) => `${kind} ${id} ${amount}`).join('; ')],
  ['hash', ({ hash }) => hash],
];

/** The first record: the columns' names. */
export function csvHeader(): string {
  return toRecord(columns.map(([name]) => name));
}

/** The entry as a record of RFC 4180, with its line break. */
export function toCsv(entry: Entry): string {
  return toRecord(columns.map(([, cell]) => toField(cell(entry))));
}

function toRecord(fields: readonly string[]): string {
  return `${fields.join(',')}\r\n`;
}

/**
 * What a spreadsheet takes for a formula, also when it is written full-width or after characters
 * that spreadsheets skip.
 */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * One field, quoted where needed. Descriptions and ids come from callers: text that begins like a
 * formula gets an apostrophe in front, so that a spreadsheet shows it and does not run it. Numbers
 * stay numbers, also negative ones.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function toField(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  const text = formula.test(cell ?? '') ? `'${cell}` : (cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
