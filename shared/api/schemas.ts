import * as z from 'zod';
import { transaction_types } from '../domain/entry.ts';

/** A count of credits that moves: a whole number from 1 to 2^53 − 1. */
export const positive_credits = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** A whole number that stands in a query string: digits only. */
function digits(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ type: 'integer', minimum: min, maximum: max, pattern: undefined });
}

export const amount_in_query = digits(1, Number.MAX_SAFE_INTEGER);
export const limit_in_query = digits(1, 100);

/** Printable text: no control characters, no halves of surrogate pairs (which have no UTF-8 and so cannot be stored or hashed). */
export function text(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or halves of surrogate pairs');
}

/** Natural keys are printable ASCII: the prefix, and at most an Idempotency-Key of 255 or a few Stripe ids. */
export const entry_id = z
  .string()
  .regex(/^[\x20-\x7e]{1,600}$/, 'must be an entry_id, as a transaction has it')
  .describe('The entry_id of a transaction.');

export const account_id = text(128)
  // A URL with such a segment is another account's, or none: every client's URL parser takes it away.
  .refine((id) => id !== '.' && id !== '..', 'must not be . or ..')
  .describe('The account: a user id, or an organisation id.');
export const feature_name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'must be 1–64 lower-case letters, digits, _ . or -')
  .describe('A feature, as the configuration names it.');
export const instant = z.iso.datetime();
export const date = z.iso.date();

/** A path below the app's URL: on its host, and without steps upwards. */
export const app_path = z
  .string()
  .max(500)
  .regex(
    /^(?!\S*\/(?:\.|%2[eE]){1,2}(?:[/?#]|$))\/(?![/\\])[^\\\s\p{Cc}\p{Cs}]*$/u,
    'must be a path below the app URL, beginning with a single / and without . or .. in it',
  );

const count = z.int().min(0);
const lot_kind = z.enum(['monthly', 'bonus', 'purchase', 'rollover']);
const interval = z.enum(['month', 'year']);

export const plans_answer = z.strictObject({
  plans: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      monthly_credits: count.nullable().describe('null is unlimited'),
      features: z.array(z.string()),
      prices: z.array(z.strictObject({ interval, amount: count, currency: z.string() })),
    }),
  ),
  packs: z.array(
    z.strictObject({ id: z.string(), name: z.string(), credits: count, amount: count, currency: z.string() }),
  ),
});

export const subscription_answer = z.strictObject({
  account_id: z.string(),
  plan: z.string(),
  status: z.string(),
  interval: interval.nullable(),
  current_period_end: instant.nullable(),
  cancel_at_period_end: z.boolean(),
  stripe_customer_id: z.string().nullable(),
  stripe_subscription_id: z.string().nullable(),
});

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

export const transaction_type = z.enum(transaction_types);

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
  lots: z.array(z.strictObject({ id: z.string(), kind: lot_kind, amount: z.int() })),
  created_at: instant,
  actor: z.string(),
});

export const transactions_answer = z.strictObject({
  data: z.array(transaction_answer),
  next_cursor: z.string().nullable(),
});

export const verify_answer = z.strictObject({
  ok: z.boolean(),
  entries: count,
  balance: z.int(),
  problems: z.array(
    z.strictObject({
      seq: z.int().nullable(),
      entry_id: z.string().nullable(),
      problem: z.string(),
      detail: z.string(),
    }),
  ),
});

export const features_answer = z.strictObject({
  plan: z.string(),
  status: z.string(),
  all: z.boolean(),
  features: z.array(z.string()),
});

export const usage_answer = z.strictObject({
  data: z.array(z.strictObject({ date, feature: z.string(), count, credits: count })),
  totals: z.array(z.strictObject({ feature: z.string(), count, credits: count })),
});

export const usage_recorded_answer = z.strictObject({ feature: z.string(), date, count });
