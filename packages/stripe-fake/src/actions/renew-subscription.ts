import type Stripe from 'stripe';
import { periodLines } from '../objects/invoice-lines.ts';
import { createInvoice, finalizeInvoice, voidInvoice, writeOffInvoice } from '../objects/invoices.ts';
import { HOUR, nextBoundary } from '../objects/periods.ts';
import {
  endSubscription,
  isLive,
  itemsOf,
  periodOf,
  recurringOf,
  updateSubscription,
} from '../objects/subscriptions.ts';
import type { World } from '../world.ts';
import { advanceSchedule, phaseChanges } from './advance-schedule.ts';
import { changedItems } from './change-subscription.ts';

/**
 * A renewal invoice stays a draft, which can be changed, for about an hour before it is charged.
 */
const DRAFT_SECONDS = HOUR;

/** Moments in virtual epoch milliseconds. */
export interface Renewal {
  /** The end of the period. */
  due_at: number;
  /** When Stripe charges it. */
  charged_at: number;
}

/** The renewal that is charged next: its draft may be there already. */
export function nextRenewal({ agenda, store }: World): Renewal | null {
  const drafted = agenda.nextOfKindAt('invoice.finalize') ?? Number.POSITIVE_INFINITY;
  const ends = agenda.nextOfKindAt('subscription.end_of_period', (id) => {
    const subscription = store.subscriptions.require(id);
    return collects(subscription) && (subscription.cancel_at ?? Number.POSITIVE_INFINITY) > periodOf(subscription).end;
  });
  const charged_at = Math.min(drafted, (ends ?? Number.POSITIVE_INFINITY) + DRAFT_SECONDS * 1000);
  return charged_at === Number.POSITIVE_INFINITY ? null : { due_at: charged_at - DRAFT_SECONDS * 1000, charged_at };
}

function collects({ pause_collection, status }: Stripe.Subscription): boolean {
  return pause_collection === null && status !== 'unpaid';
}

/**
 * What happens at the end of a period (or of a trial): the subscription ends, or rolls into the
 * next period.
 */
export function renewSubscription(world: World, before: Stripe.Subscription): void {
  const { cancel_at } = before;
  if (cancel_at !== null && cancel_at <= world.seconds()) {
    endSubscription(world, before, 'cancellation_requested');
    return;
  }
  const { subscription, phase } = advanceSchedule(world, before);
  if (!isLive(subscription)) return;
  const { id, metadata } = subscription;
  const ended = periodOf(subscription);
  const { items: old_items, billing_cycle_anchor } = inPhase(world, subscription, phase, ended.end);
  const recurring = recurringOf(old_items.map(({ price }) => price));
  const period_end = nextBoundary(billing_cycle_anchor, recurring, ended.end);
  const items = old_items.map((item) => ({
    ...item,
    current_period_start: ended.end,
    current_period_end: period_end,
  }));
  const invoice_id = world.id('in_1');
  const renewed = updateSubscription(world, subscription, {
    billing_cycle_anchor,
    items: itemsOf(id, items),
    latest_invoice: invoice_id,
    status: subscription.status === 'trialing' ? 'active' : subscription.status,
  });
  const pending = world.store.pending_lines.get(id) ?? [];
  world.store.pending_lines.delete(id);
  const behavior = renewed.pause_collection?.behavior;
  const draft = createInvoice(world, {
    auto_advance: collects(renewed),
    id: invoice_id,
    subscription: renewed,
    billing_reason: 'subscription_cycle',
    lines: [...pending, ...periodLines(world, items, metadata, false)],
    period_start: ended.start,
    period_end: ended.end,
    automatically_finalizes_at: collects(renewed) ? ended.end + DRAFT_SECONDS : null,
  });
  if (behavior === 'void') voidInvoice(world, finalizeInvoice(world, draft));
  if (behavior === 'mark_uncollectible') writeOffInvoice(world, finalizeInvoice(world, draft));
}

/**
 * The items of the next period, in the phase that begins with it. Another interval moves the
 * anchor.
 */
function inPhase(
  world: World,
  subscription: Stripe.Subscription,
  phase: Stripe.SubscriptionSchedule.Phase | null,
  now: number,
): { items: Stripe.SubscriptionItem[]; billing_cycle_anchor: number } {
  const { items: before, billing_cycle_anchor } = subscription;
  if (phase === null) return { items: before.data, billing_cycle_anchor };
  const items = changedItems(world, subscription, phaseChanges(subscription, phase));
  const { interval, interval_count } = recurringOf(items.map(({ price }) => price));
  const old = recurringOf(before.data.map(({ price }) => price));
  const moves = interval !== old.interval || interval_count !== old.interval_count;
  return {
    items,
    billing_cycle_anchor: moves || phase.billing_cycle_anchor === 'phase_start' ? now : billing_cycle_anchor,
  };
}
