import { lot_kinds } from '../domain/ledger/lot.ts';
import * as z from '../zod.ts';
import { count, instant, transaction_type } from './schemas.ts';

const lot_kind = z.enum(lot_kinds);

export const balance_answer = z.strictObject({
  account_id: z.string(),
  plan: z.string(),
  status: z.string(),
  unlimited: z.boolean(),
  monthly_credits: z.nullable(count).check(z.describe('null means unlimited')),
  used_credits: count,
  bonus_credits: count,
  held_credits: count,
  available_credits: z.nullable(count).check(z.describe('null means unlimited')),
  reset_date: instant,
  lots: z.array(
    z.strictObject({
      id: z.string(),
      kind: lot_kind,
      amount: count,
      remaining: count,
      held: count,
      priority: count,
      expires_at: z.nullable(instant),
    }),
  ),
});

export const check_answer = z.strictObject({
  allowed: z.boolean(),
  required: count,
  available_credits: z.nullable(count).check(z.describe('null means unlimited')),
});

export const transaction_answer = z.strictObject({
  entry_id: z.string(),
  account_id: z.string(),
  seq: z.int().check(z.minimum(1)),
  transaction_type,
  amount: z.int().check(z.describe('Positive adds, negative deducts.')),
  balance_after: count,
  description: z.string(),
  feature: z.optional(z.string()),
  covered_by: z
    .optional(z.literal('unlimited'))
    .check(z.describe('The plan is unlimited, so the balance did not move.')),
  covered_credits: z.optional(count),
  skipped_periods: z
    .optional(count)
    .check(z.describe('Periods that passed unseen before this reset and were not granted.')),
  hold_id: z.optional(z.string()).check(z.describe('The hold, in entries of a hold, its settlement and its release.')),
  held_credits: z.optional(count).check(z.describe('How much the hold asked for, or its release freed.')),
  hold_expires_at: z.optional(instant),
  refunds: z.optional(z.string()).check(z.describe('The entry_id of the charge that the refund gives back.')),
  shortfall_credits: z.optional(count).check(z.describe('How much the settlement could not charge.')),
  lots: z.array(z.strictObject({ id: z.string(), kind: lot_kind, amount: z.int() })),
  created_at: instant,
  actor: z.string(),
});

export const transactions_answer = z.strictObject({
  data: z.array(transaction_answer),
  next_cursor: z.nullable(z.string()),
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
    .check(z.describe('One result per item, in the order of the items.')),
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
        feature: z.optional(z.string()),
        created_at: instant,
      }),
    )
    .check(z.describe('The open holds, oldest first.')),
});

export const release_answer = z.strictObject({ hold_id: z.string(), status: z.literal('released') });

export const member_cap_answer = z.strictObject({
  member: z.string(),
  monthly_credits: z.nullable(count).check(z.describe('null means no cap')),
  used_credits: count.check(z.describe("What the member was charged in this month, since the account's first cap.")),
  resets_at: instant.check(z.describe('The start of the next calendar month, in UTC.')),
});
