import * as z from 'zod';
import type { Account } from '../../../shared/domain/account/account.ts';
import type { Member } from '../../../shared/domain/account/member.ts';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';
import { type Audited, usedBy, Violation } from './audited.ts';
import type { Change } from './memory-tables.ts';

const member_row = z
  .object({
    part_key: z.string().startsWith('member:'),
    monthly_credits: z.int().nullable().default(null),
    month: z.string(),
    used_credits: z.int(),
  })
  .transform(({ part_key, ...row }): Member => ({ member: part_key.slice('member:'.length), ...row }));

/**
 * I1, I2: members are charged what the entries say, and nothing is charged or held beyond their
 * caps.
 */
export function checkMembers(
  audited: Audited,
  account: Account,
  entries: readonly Entry[],
  changes: readonly Change[],
): void {
  const rows = changes
    .filter(({ table }) => table === 'account_parts')
    .flatMap(({ after }) => member_row.safeParse(after).data ?? []);
  for (const { member, transaction_type, created_at, ...entry } of entries) {
    if (member === undefined || (transaction_type !== 'usage' && transaction_type !== 'refund')) continue;
    const key = spentKey(member, monthAt(created_at));
    const charged = transaction_type === 'usage' ? usedBy(entry) : -usedBy(entry);
    audited.spent.set(key, charged + (audited.spent.get(key) ?? 0));
    if (!rows.some((row) => row.member === member)) {
      throw new Violation('I1', `${entry.entry_id} is not counted for ${member}`);
    }
  }
  for (const row of rows) {
    const spent = audited.spent.get(spentKey(row.member, row.month)) ?? 0;
    if (row.used_credits !== spent) {
      throw new Violation('I1', `${row.member} has used ${row.used_credits} in ${row.month}, the entries say ${spent}`);
    }
  }
  const before = audited.members;
  if (rows.length > 0) audited.members = new Map([...before, ...rows.map((row) => [row.member, row] as const)]);
  for (const [id, { monthly_credits: cap }] of audited.members) {
    // A commit that sets the cap may have charged before and after it.
    if (cap === null || before.get(id)?.monthly_credits !== cap) continue;
    const month = monthAt(account.updated_at);
    const was = audited.account === null ? 0 : boundBy(audited.account, before.get(id), month);
    const is = boundBy(account, audited.members.get(id), month);
    if (is > Math.max(cap, was)) throw new Violation('I2', `${id} has spent and holds ${is}, the cap is ${cap}`);
  }
}

/** What a member has spent in the month and holds. */
export function boundBy({ holds }: Account, member: Member | undefined, month: string): number {
  if (member === undefined) return 0;
  const held = holds.reduce((sum, hold) => sum + (hold.member === member.member ? hold.amount : 0), 0);
  return held + (member.month === month ? member.used_credits : 0);
}

/** The UTC calendar month. */
export function monthAt(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

function spentKey(member: string, month: string): string {
  return `${member} ${month}`;
}
