import * as z from 'zod';
import { transaction_types } from '../domain/entry.ts';

/** A count of credits that moves: a whole number from 1 to 2^53 − 1. */
export const positive_credits = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
/** Also none. */
export const credits = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

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

/** What names somebody in a path and in tokens. */
const identity = text(128)
  // A URL with such a segment is another account's, or none: every client's URL parser takes it away.
  .refine((id) => id !== '.' && id !== '..', 'must not be . or ..');

export const account_id = identity.describe('The account: a user id, or an organisation id.');
/** The subject of a token. */
export const actor = identity;
export const member = identity.describe("The member: the subject of the person's tokens.");

export const idempotency_key = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must be 1–255 printable ASCII characters');
export const hold_id = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'must be a hold_id, as the hold was answered')
  .describe('The hold_id of a hold.');
export const stripe_event_id = z
  .string()
  .regex(/^[\w-]{1,255}$/, 'must be an event_id, as the listing has it')
  .describe('The event_id of an event.');
export const feature_name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'must be 1–64 lower-case letters, digits, _ . or -')
  .describe('A feature, as the configuration names it.');
export const instant = z.iso.datetime();
/** A moment that a caller names, in UTC; read to the millisecond. */
export const moment = z.iso
  .datetime('must be a moment in UTC, such as 2026-11-23T10:00:00Z')
  .transform((iso) => Date.parse(iso));
export const date = z.iso.date();

/** A path below the app's URL: on its host, and without steps upwards. */
export const app_path = z
  .string()
  .max(500)
  .regex(
    /^(?!\S*\/(?:\.|%2[eE]){1,2}(?:[/?#]|$))\/(?![/\\])[^\\\s\p{Cc}\p{Cs}]*$/u,
    'must be a path below the app URL, beginning with a single / and without . or .. in it',
  );

export const count = z.int().min(0);
export const interval = z.enum(['month', 'year']);
export const transaction_type = z.enum(transaction_types);

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
  unlisted_problems: positive_credits
    .optional()
    .describe('How many more problems there are: about a hundred are listed.'),
});
