import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Account, Period } from '../domain/account.ts';
import { default_priority, type Lot } from '../domain/lot.ts';
import type { Catalog } from '../domain/plan.ts';
import { dueAt } from '../domain/roll-forward.ts';
import type { Subscription } from '../domain/subscription.ts';

const whole = z.int();

/** Attributes at their default are left out, so that an account with several lots stays below one write unit. */
const lot_item = z.object({
  id: z.string(),
  kind: z.enum(['monthly', 'bonus', 'purchase', 'rollover']),
  amount: whole,
  remaining: whole,
  held: whole.default(0),
  priority: whole.default(default_priority),
  expires_at: whole.nullable().default(null),
  created_at: whole,
});

const subscription_item = z.object({
  stripe_subscription_id: z.string(),
  plan: z.string(),
  interval: z.enum(['month', 'year']),
  status: z.string(),
  billing_cycle_anchor: whole,
  current_period_end: whole,
  cancel_at_period_end: z.boolean(),
  snapshot_at: whole,
  paid: z.object({ from: whole, through: whole }).nullable().default(null),
  left: z.object({ anchor_at: whole, index: whole, used: whole }).nullable().default(null),
});

const account_item = z.object({
  account_id: z.string(),
  version: whole,
  seq: whole,
  head_hash: z.string(),
  created_at: whole,
  updated_at: whole,
  period: z.object({
    plan: z.string(),
    stripe_subscription_id: z.string().nullable().default(null),
    anchor_at: whole,
    index: whole,
    uncharged_use: whole.default(0),
  }),
  lots: z.array(lot_item),
  subscription: subscription_item.nullable().default(null),
  stripe_customer_id: z.string().nullable().default(null),
});

/** The account as the table holds it, with the keys of its indexes. */
export function toAccountItem(account: Account, catalog: Catalog, due_shards: number): Record<string, unknown> {
  const { period, lots, subscription, stripe_customer_id, ...plain } = account;
  const due_at = dueAt(account, catalog);
  return {
    ...plain,
    period: toPeriodItem(period),
    lots: lots.map(toLotItem),
    ...(subscription === null ? {} : { subscription: toSubscriptionItem(subscription) }),
    ...(stripe_customer_id === null ? {} : { stripe_customer_id }),
    ...(due_at === null ? {} : { due_at, due_shard: dueShard(account.account_id, due_shards) }),
  };
}

/** The account from its item, checked. */
export function fromAccountItem(item: unknown): Account {
  return account_item.parse(item);
}

/** The part of the sweep's index that an account is in: spread evenly, and always the same. */
export function dueShard(account_id: string, due_shards: number): number {
  return createHash('sha256').update(account_id).digest().readUInt32BE(0) % due_shards;
}

function toSubscriptionItem({ paid, left, ...subscription }: Subscription): Record<string, unknown> {
  return { ...subscription, ...(paid === null ? {} : { paid }), ...(left === null ? {} : { left }) };
}

function toPeriodItem({ stripe_subscription_id, uncharged_use, ...period }: Period): Record<string, unknown> {
  return {
    ...period,
    ...(stripe_subscription_id === null ? {} : { stripe_subscription_id }),
    ...(uncharged_use === 0 ? {} : { uncharged_use }),
  };
}

function toLotItem({ held, priority, expires_at, ...lot }: Lot): Record<string, unknown> {
  return {
    ...lot,
    ...(held === 0 ? {} : { held }),
    ...(priority === default_priority ? {} : { priority }),
    ...(expires_at === null ? {} : { expires_at }),
  };
}
