import type Stripe from 'stripe';
import { closeSchedule, nextPhase, scheduleOf, updateSchedule } from '../objects/subscription-schedules.ts';
import { endSubscription, isBilled, periodOf, updateSubscription } from '../objects/subscriptions.ts';
import { idOf, type World } from '../world.ts';
import { changeSubscription, type ItemChange, PRORATION_BEHAVIORS } from './change-subscription.ts';

type Phase = Stripe.SubscriptionSchedule.Phase;

/**
 * Moves a subscription's schedule on when its phase is over: into the next phase, which is answered, or to its end.
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

/** The end of a phase inside a billing period. At the end of a period the renewal takes the phase along. */
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

/** What of the items changes with a phase: the first becomes the first, and so on. */
export function phaseChanges({ items }: Stripe.Subscription, phase: Phase): ItemChange[] {
  const wanted = phase.items.map(({ price, quantity }, i) => ({
    id: items.data[i]?.id,
    price: idOf(price),
    quantity: quantity ?? 1,
  }));
  const surplus = items.data.slice(wanted.length).map(({ id }) => ({ id, deleted: true }));
  return [...wanted, ...surplus];
}
