import { createHash } from 'node:crypto';
import type { Account, Period } from '../domain/account/account.ts';
import type { FeatureOverride } from '../domain/account/feature-override.ts';
import type { Hold, Pin } from '../domain/account/hold.ts';
import { no_rows } from '../domain/account/rows.ts';
import type {
  FormerSubscription,
  LeftPeriod,
  PaidStretch,
  PricedItem,
  Subscription,
  SubscriptionPast,
} from '../domain/account/subscription.ts';
import { default_priority, type Lot, lot_kinds } from '../domain/ledger/lot.ts';
import { type Catalog, intervals } from '../domain/plan.ts';
import { dueAt } from '../domain/time/roll-forward.ts';
import * as z from '../zod.ts';
import type { Shape } from './shape.ts';

const whole = z.int();

/**
 * Attributes at their default are left out, so that an account with several lots stays below one
 * write unit.
 */
const lot_item = z.object({
  id: z.string(),
  kind: z.enum(lot_kinds),
  amount: whole,
  remaining: whole,
  held: z._default(whole, 0),
  priority: z._default(whole, default_priority),
  expires_at: z._default(z.nullable(whole), null),
  created_at: whole,
  is_closed: z._default(z.boolean(), false),
  owed: z.exactOptional(whole),
} satisfies Shape<Lot>);

const hold_item = z.object({
  id: z.string(),
  amount: whole,
  pins: z.array(z.object({ lot_id: z.string(), amount: whole } satisfies Shape<Pin>)),
  description: z.string(),
  feature: z._default(z.nullable(z.string()), null),
  member: z._default(z.nullable(z.string()), null),
  opened_by: z._default(z.nullable(z.string()), null),
  created_at: whole,
  expires_at: whole,
} satisfies Shape<Hold>);

const override_item = z.object({
  feature: z.string(),
  allowed: z.boolean(),
  expires_at: z._default(z.nullable(whole), null),
} satisfies Shape<FeatureOverride>);

const subscription_past = {
  paid: z._default(z.nullable(z.object({ from: whole, through: whole } satisfies Shape<PaidStretch>)), null),
  left: z._default(
    z.nullable(z.object({ anchor_at: whole, index: whole, used: whole } satisfies Shape<LeftPeriod>)),
    null,
  ),
  gone_back_from: z.exactOptional(whole),
} satisfies Shape<SubscriptionPast>;

const subscription_item = z.object({
  stripe_subscription_id: z.string(),
  plan: z.string(),
  interval: z.enum(intervals),
  status: z.string(),
  billing_cycle_anchor: whole,
  current_period_end: whole,
  cancel_at_period_end: z.boolean(),
  snapshot_at: whole,
  item: z.exactOptional(
    z.object({ stripe_item_id: z.string(), stripe_price_id: z.string() } satisfies Shape<PricedItem>),
  ),
  ...subscription_past,
  former: z.exactOptional(
    z.array(
      z.object({
        stripe_subscription_id: z.string(),
        has_ended: z.boolean(),
        ...subscription_past,
      } satisfies Shape<FormerSubscription>),
    ),
  ),
} satisfies Shape<Subscription>);

const account_item = z.object({
  account_id: z.string(),
  version: whole,
  seq: whole,
  head_hash: z.string(),
  created_at: whole,
  updated_at: whole,
  period: z.object({
    plan: z.string(),
    stripe_subscription_id: z._default(z.nullable(z.string()), null),
    anchor_at: whole,
    index: whole,
    uncharged_use: z._default(whole, 0),
    opened_seq: z._default(whole, 0),
  } satisfies Shape<Period>),
  lots: z.array(lot_item),
  holds: z._default(z.array(hold_item), []),
  overrides: z._default(z.array(override_item), []),
  counts_members: z._default(z.boolean(), false),
  subscription: z._default(z.nullable(subscription_item), null),
  stripe_customer_id: z._default(z.nullable(z.string()), null),
  former_customers: z._default(z.array(z.string()), []),
} satisfies Shape<Omit<Account, 'rows'>>);

/**
 * The account's item, with the keys of its indexes and without its rows, which are items of their
 * own.
 */
export function toAccountItem(account: Account, catalog: Catalog, due_shards: number): Record<string, unknown> {
  const {
    period,
    lots,
    holds,
    overrides,
    counts_members,
    subscription,
    stripe_customer_id,
    former_customers,
    rows: _,
    ...plain
  } = account;
  const due_at = dueAt(account, catalog);
  return {
    ...plain,
    period: toPeriodItem(period),
    lots: lots.map(toLotItem),
    ...(holds.length === 0 ? {} : { holds: holds.map(toHoldItem) }),
    ...(overrides.length === 0 ? {} : { overrides: overrides.map(toOverrideItem) }),
    ...(counts_members ? { counts_members } : {}),
    ...(subscription === null ? {} : { subscription: toSubscriptionItem(subscription) }),
    ...(stripe_customer_id === null ? {} : { stripe_customer_id }),
    ...(former_customers.length === 0 ? {} : { former_customers }),
    ...(due_at === null ? {} : { due_at, due_shard: dueShard(account.account_id, due_shards) }),
  };
}

/** The account from its item, checked. */
export function fromAccountItem(item: unknown): Account {
  return { ...account_item.parse(item), rows: no_rows };
}

/**
 * The account's shard in the sweep's index. Accounts are spread evenly, and always the same way.
 */
export function dueShard(account_id: string, due_shards: number): number {
  return createHash('sha256').update(account_id).digest().readUInt32BE(0) % due_shards;
}

function toSubscriptionItem({ paid, left, ...subscription }: Subscription): Record<string, unknown> {
  return { ...subscription, ...(paid === null ? {} : { paid }), ...(left === null ? {} : { left }) };
}

function toPeriodItem({
  stripe_subscription_id,
  uncharged_use,
  opened_seq,
  ...period
}: Period): Record<string, unknown> {
  return {
    ...period,
    ...(stripe_subscription_id === null ? {} : { stripe_subscription_id }),
    ...(uncharged_use === 0 ? {} : { uncharged_use }),
    ...(opened_seq === 0 ? {} : { opened_seq }),
  };
}

function toLotItem({ held, priority, expires_at, is_closed, ...lot }: Lot): Record<string, unknown> {
  return {
    ...lot,
    ...(held === 0 ? {} : { held }),
    ...(priority === default_priority ? {} : { priority }),
    ...(expires_at === null ? {} : { expires_at }),
    ...(is_closed ? { is_closed } : {}),
  };
}

function toHoldItem({ feature, member, opened_by, ...hold }: Hold): Record<string, unknown> {
  return {
    ...hold,
    ...(feature === null ? {} : { feature }),
    ...(member === null ? {} : { member }),
    ...(opened_by === null ? {} : { opened_by }),
  };
}

function toOverrideItem({ expires_at, ...override }: FeatureOverride): Record<string, unknown> {
  return { ...override, ...(expires_at === null ? {} : { expires_at }) };
}
