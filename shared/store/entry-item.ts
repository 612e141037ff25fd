import { type Entry, transaction_types } from '../domain/ledger/entry.ts';
import { type LotMovement, type LotTerms, lot_kinds } from '../domain/ledger/lot.ts';
import * as z from '../zod.ts';
import type { Shape } from './shape.ts';

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
      kind: z.enum(lot_kinds),
      amount: whole,
      terms: z.exactOptional(
        z.object({
          amount: whole,
          priority: whole,
          expires_at: z.nullable(whole),
          created_at: whole,
        } satisfies Shape<LotTerms>),
      ),
    } satisfies Shape<LotMovement>),
  ),
  description: z.string(),
  created_at: whole,
  actor: z.string(),
  fingerprint: z.nullable(z.string()),
  feature: z.exactOptional(z.string()),
  covered_by: z.exactOptional(z.literal('unlimited')),
  covered_credits: z.exactOptional(whole),
  skipped_periods: z.exactOptional(whole),
  hold_id: z.exactOptional(z.string()),
  held_credits: z.exactOptional(whole),
  hold_expires_at: z.exactOptional(whole),
  shortfall_credits: z.exactOptional(whole),
  refunds: z.exactOptional(z.string()),
  member: z.exactOptional(z.string()),
  hash: z.string(),
} satisfies Shape<Entry>);

/** The entry's item in the ledger: the entry itself. */
export function toEntryItem(entry: Entry): Record<string, unknown> {
  return { ...entry };
}

/** The entry from its item, checked. */
export function fromEntryItem(item: unknown): Entry {
  return entry_item.parse(item);
}
