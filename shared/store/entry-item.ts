import * as z from 'zod';
import { type Entry, transaction_types } from '../domain/entry.ts';

const whole = z.int();

const entry_item = z.object({
  account_id: z.string(),
  entry_id: z.string(),
  seq: whole,
  transaction_type: z.enum(transaction_types),
  amount: whole,
  balance_after: whole,
  lots: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['monthly', 'bonus', 'purchase', 'rollover']),
      amount: whole,
      terms: z
        .object({ amount: whole, priority: whole, expires_at: whole.nullable(), created_at: whole })
        .exactOptional(),
    }),
  ),
  description: z.string(),
  created_at: whole,
  actor: z.string(),
  fingerprint: z.string().nullable(),
  feature: z.string().exactOptional(),
  covered_by: z.literal('unlimited').exactOptional(),
  covered_credits: whole.exactOptional(),
  skipped_periods: whole.exactOptional(),
  hold_id: z.string().exactOptional(),
  held_credits: whole.exactOptional(),
  hold_expires_at: whole.exactOptional(),
  shortfall_credits: whole.exactOptional(),
  refunds: z.string().exactOptional(),
  member: z.string().exactOptional(),
  hash: z.string(),
});

/** The entry as the ledger holds it: the entry itself. */
export function toEntryItem(entry: Entry): Record<string, unknown> {
  return { ...entry };
}

/** The entry from its item, checked. */
export function fromEntryItem(item: unknown): Entry {
  return entry_item.parse(item);
}
