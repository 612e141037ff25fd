import * as z from '../../../shared/zod.ts';

const at = z.iso.datetime();
const count = z.int();

const entry = z.object({
  account_id: z.string(),
  seq: count,
  /** What it did, in a word or two. */
  kind: z.string(),
  description: z.string(),
  amount: count,
  balance_after: count,
  created_at: at,
});

const webhook = z.object({
  event_id: z.string(),
  type: z.string(),
  received_at: at,
  /** What the API answered to Stripe. */
  status: count,
  /** What became of the event; null while it waits, and for one that was not taken. */
  outcome: z.nullable(z.string()),
  account_id: z.nullable(z.string()),
  reason: z.nullable(z.string()),
});

const faults = z.object({
  duplicate: count,
  reorder: z.boolean(),
  drop: count,
  fail: count,
  fail_after: count,
  rate_limit: count,
});

/** What the page of `npm run dev` shows and does not ask the API itself for. */
export const page_state = z.object({
  url: z.string(),
  clock: z.object({
    /** How far the clock is ahead of this machine's. */
    ahead_ms: count,
    can_move: z.boolean(),
    /** The next renewal, and when Stripe will have charged it. */
    next_renewal: z.nullable(z.object({ due_at: at, charged_by: at })),
  }),
  /** Null for the real Stripe. */
  faults: z.nullable(faults),
  /** Names and values of what runs. */
  facts: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
  functions: z.array(z.object({ name: z.string(), memory_mb: count, timeout_s: count })),
  queues: z.array(z.object({ name: z.string(), waiting: count, in_flight: count, dead: count })),
  schedules: z.array(z.object({ name: z.string(), expression: z.string() })),
  links: z.array(z.object({ name: z.string(), url: z.string(), note: z.string() })),
  /** Ids of the accounts that were seen last. */
  accounts: z.array(z.string()),
  /** Newest first. */
  entries: z.array(entry),
  /** Newest first. */
  webhooks: z.array(webhook),
});

export type PageState = z.output<typeof page_state>;
export type PageEntry = z.output<typeof entry>;
export type PageWebhook = z.output<typeof webhook>;
