import * as z from 'zod';
import { count, instant, transaction_type } from './schemas.ts';

const lot_kind = z.enum(['monthly', 'bonus', 'purchase', 'rollover']);

export const balance_answer = z.strictObject({
  account_id: z.string(),
  plan: z.string(),
  status: z.string(),
  unlimited: z.boolean(),
  monthly_credits: count.nullable().describe('null is unlimited'),
  used_credits: count,
  bonus_credits: count,
  held_credits: count,
  available_credits: count.nullable().describe('null is unlimited'),
  reset_date: instant,
  lots: z.array(
    z.strictObject({
      id: z.string(),
      kind: lot_kind,
      amount: count,
      remaining: count,
      held: count,
      priority: count,
      expires_at: instant.nullable(),
    }),
  ),
});

export const check_answer = z.strictObject({
  allowed: z.boolean(),
  required: count,
  available_credits: count.nullable().describe('null is unlimited'),
});

export const transaction_answer = z.strictObject({
  entry_id: z.string(),
  account_id: z.string(),
  seq: z.int().min(1),
  transaction_type,
  amount: z.int().describe('Positive adds, negative deducts.'),
  balance_after: count,
  description: z.string(),
  feature: z.string().optional(),
  covered_by: z.literal('unlimited').optional().describe('The plan is unlimited: the balance did not move.'),
  covered_credits: count.optional(),
  skipped_periods: count.optional().describe('Periods that passed unseen before this reset and were not granted.'),
  hold_id: z.string().optional().describe('Of a hold, its settlement and its release.'),
  held_credits: count.optional().describe('What the hold asked for, or its release has freed.'),
  hold_expires_at: instant.optional(),
  refunds: z.string().optional().describe('The entry_id of the charge that the refund gives back of.'),
  shortfall_credits: count.optional().describe('What the settlement could not charge.'),
  lots: z.array(z.strictObject({ id: z.string(), kind: lot_kind, amount: z.int() })),
  created_at: instant,
  actor: z.string(),
});

export const transactions_answer = z.strictObject({
  data: z.array(transaction_answer),
  next_cursor: z.string().nullable(),
});

const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
});

export const batch_answer = z.strictObject({
  results: z
    .array(
      z.union([
        z.strictObject({ key: z.string(), transaction: transaction_answer }),
        z.strictObject({ key: z.string(), problem }),
      ]),
    )
    .describe('One per item, in their order.'),
});

export const hold_answer = z.strictObject({
  hold_id: z.string(),
  amount: count,
  expires_at: instant,
  status: z.literal('open'),
});

export const holds_answer = z.strictObject({
  data: z
    .array(
      z.strictObject({
        ...hold_answer.shape,
        description: z.string(),
        feature: z.string().optional(),
        created_at: instant,
      }),
    )
    .describe('The open holds, oldest first.'),
});

export const release_answer = z.strictObject({ hold_id: z.string(), status: z.literal('released') });

export const member_cap_answer = z.strictObject({
  member: z.string(),
  monthly_credits: count.nullable().describe('null is no cap'),
  used_credits: count.describe("What the member was charged in this month, since the account's first cap."),
  resets_at: instant.describe('The start of the next calendar month, in UTC.'),
});
