import { transaction_types } from '../domain/ledger/entry.ts';
import { intervals } from '../domain/plan.ts';
import * as z from '../zod.ts';

/** Credits that move: a whole number from 1 to 2^53 − 1. */
export const positive_credits = z.int().check(z.minimum(1), z.maximum(Number.MAX_SAFE_INTEGER));
/** A whole number from 0 to 2^53 − 1. */
export const credits = z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));

/** A whole number in a query string: digits only. */
function digits(min: number, max: number) {
  return z
    .pipe(
      z.pipe(z.string().check(z.regex(/^\d{1,16}$/, 'must be a whole number')), z.transform(Number)),
      z.int().check(z.minimum(min), z.maximum(max)),
    )
    .check(z.meta({ type: 'integer', minimum: min, maximum: max, pattern: undefined }));
}

export const amount_in_query = digits(1, Number.MAX_SAFE_INTEGER);
export const limit_in_query = digits(1, 100);

/**
 * Printable text: no control characters, and no halves of surrogate pairs (they have no UTF-8, so
 * nothing can store or hash them).
 */
export function text(max: number) {
  return z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(max),
      z.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or halves of surrogate pairs'),
    );
}

/**
 * Natural keys are printable ASCII: a prefix, and at most an Idempotency-Key of 255 or a few Stripe
 * ids.
 */
export const entry_id = z
  .string()
  .check(
    z.regex(/^[\x20-\x7e]{1,600}$/, 'must be an entry_id, as a transaction has it'),
    z.describe('The entry_id of a transaction.'),
  );

/** An id of somebody, in a path or in a token. */
const identity = text(128).check(
  // Every client's URL parser removes such a segment, so the request would reach another account,
  // or none.
  z.refine((id) => id !== '.' && id !== '..', 'must not be . or ..'),
);

export const account_id = identity.check(z.describe('The account: a user id, or an organisation id.'));
/** The subject of a token. */
export const actor = identity;
export const member = identity.check(z.describe("The member: the subject of the person's tokens."));

export const idempotency_key = z
  .string()
  .check(z.regex(/^[\x20-\x7e]{1,255}$/, 'must be 1–255 printable ASCII characters'));
export const hold_id = z
  .string()
  .check(z.regex(/^[\w-]{1,64}$/, 'must be a hold_id, as the hold was answered'), z.describe('The hold_id of a hold.'));
export const stripe_event_id = z
  .string()
  .check(
    z.regex(/^[\w-]{1,255}$/, 'must be an event_id, as the listing has it'),
    z.describe('The event_id of an event.'),
  );
export const feature_name = z
  .string()
  .check(
    z.regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'must be 1–64 lower-case letters, digits, _ . or -'),
    z.describe('A feature, as the configuration names it.'),
  );
export const instant = z.iso.datetime();
/** A moment that a caller names, in UTC, read to the millisecond. */
export const moment = z.pipe(
  z.iso.datetime('must be a moment in UTC, such as 2026-11-23T10:00:00Z'),
  z.transform((iso) => Date.parse(iso)),
);
export const date = z.iso.date();

/** A path below the app's URL: on its host, without steps upwards. */
export const app_path = z
  .string()
  .check(
    z.maxLength(500),
    z.regex(
      /^(?!\S*\/(?:\.|%2[eE]){1,2}(?:[/?#]|$))\/(?![/\\])[^\\\s\p{Cc}\p{Cs}]*$/u,
      'must be a path below the app URL, beginning with a single / and without . or .. in it',
    ),
  );

export const count = z.int().check(z.minimum(0));
export const interval = z.enum(intervals);
export const transaction_type = z.enum(transaction_types);

export const verify_answer = z.strictObject({
  ok: z.boolean(),
  entries: count,
  balance: z.int(),
  problems: z.array(
    z.strictObject({
      seq: z.nullable(z.int()),
      entry_id: z.nullable(z.string()),
      problem: z.string(),
      detail: z.string(),
    }),
  ),
  unlisted_problems: z
    .optional(positive_credits)
    .check(z.describe('How many problems are not listed. About a hundred are.')),
});
