import type Stripe from 'stripe';
import { closeSchedule, nextPhase, scheduleOf, updateSchedule } from '../objects/subscription-schedules.ts';
import { endSubscription, isBilled, periodOf, updateSubscription } from '../objects/subscriptions.ts';
import { idOf, type World } from '../world.ts';
import { changeSubscription, type ItemChange, PRORATION_BEHAVIORS } from './change-subscription.ts';

type Phase = Stripe.SubscriptionSchedule.Phase;

/**
 * Ends the running phase of a subscription's schedule. Answers the next phase, or null if the
 * schedule has ended.
 */
export function advanceSchedule(
  world: World,
  subscription: Stripe.Subscription,
): { subscription: Stripe.Subscription; phase: Phase | null } {
  const schedule = scheduleOf(world, subscription);
  if (!schedule?.current_phase || schedule.current_phase.end_date > world.seconds()) {
    return { subscription, phase: null };
  }
  const phase = nextPhase(schedule);
  if (phase !== null) {
    const { start_date, end_date } = phase;
    updateSchedule(world, schedule, { current_phase: { start_date, end_date } });
    return { subscription, phase };
  }
  if (schedule.end_behavior === 'cancel') {
    closeSchedule(world, schedule, 'completed');
    return { subscription: endSubscription(world, subscription, 'cancellation_requested'), phase };
  }
  closeSchedule(world, schedule, 'released');
  return { subscription: updateSubscription(world, subscription, { schedule: null }), phase };
}

/**
 * The end of a phase inside a billing period. At a period's end the renewal takes the next phase
 * along.
 */
export function endPhase(world: World, schedule: Stripe.SubscriptionSchedule): void {
  const before = world.store.subscriptions.require(idOf(schedule.subscription ?? ''));
  if (isBilled(before) && periodOf(before).end <= world.seconds()) return;
  const { subscription, phase } = advanceSchedule(world, before);
  if (phase !== null) applyPhase(world, subscription, phase, phase.proration_behavior);
}

/** Gives a subscription the prices of a phase, in the middle of its period. */
export function applyPhase(
  world: World,
  subscription: Stripe.Subscription,
  phase: Phase,
  proration_behavior: Phase['proration_behavior'],
): Stripe.Subscription {
  return changeSubscription(world, subscription, {
    attributes: {},
    items: phaseChanges(subscription, phase),
    proration_behavior: PRORATION_BEHAVIORS.find((known) => known === proration_behavior) ?? 'create_prorations',
    payment_behavior: 'allow_incomplete',
    billing_cycle_anchor: phase.billing_cycle_anchor === 'phase_start' ? 'now' : 'unchanged',
  });
}

/** The changes that a phase brings to the items: the first becomes the first, and so on. */
export function phaseChanges({ items }: Stripe.Subscription, phase: Phase): ItemChange[] {
  const wanted = phase.items.map(({ price, quantity }, i) => ({
    id: items.data[i]?.id,
    price: idOf(price),
    quantity: quantity ?? 1,
  }));
  const surplus = items.data.slice(wanted.length).map(({ id }) => ({ id, deleted: true }));
  return [...wanted, ...surplus];
}
