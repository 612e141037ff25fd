import type Stripe from 'stripe';
import { invalidRequest } from '../api/errors.ts';
import { nextBoundary } from '../objects/periods.ts';
import { buildPhase, createSchedule, scheduleOf, updateSchedule } from '../objects/subscription-schedules.ts';
import { isLive, periodOf, recurringOf, updateSubscription } from '../objects/subscriptions.ts';
import type { World } from '../world.ts';

/** A schedule whose only phase is the running period of a subscription. */
export function scheduleFrom(
  world: World,
  before: Stripe.Subscription,
  given: Stripe.Metadata = {},
): Stripe.SubscriptionSchedule {
  if (!isLive(before) || before.status === 'paused') {
    throw invalidRequest(`You cannot schedule a subscription that is ${before.status}.`, {
      param: 'from_subscription',
    });
  }
  if (before.schedule !== null) {
    const message = 'You cannot migrate a subscription that is already attached to a schedule.';
    throw invalidRequest(message, { param: 'from_subscription' });
  }
  const { start, end } = periodOf(before);
  const items = before.items.data.map(({ price, quantity }) => ({ price, quantity: quantity ?? 1 }));
  const dates = { start_date: start, end_date: end };
  const running = buildPhase({
    items,
    ...dates,
    proration_behavior: 'create_prorations',
    billing_cycle_anchor: null,
  });
  const schedule = createSchedule(world, before, running, given);
  updateSubscription(world, before, { schedule: schedule.id });
  return schedule;
}

/** A schedule with the running period as it is, and another price from the next period on. */
export function putOffPrice(
  world: World,
  before: Stripe.Subscription,
  item: { price: Stripe.Price; quantity: number },
): void {
  const schedule = scheduleOf(world, before) ?? scheduleFrom(world, before);
  const { start, end } = periodOf(before);
  const next = buildPhase({
    items: [item],
    start_date: end,
    end_date: nextBoundary(end, recurringOf([item.price]), end),
    proration_behavior: 'none',
    billing_cycle_anchor: null,
  });
  const running = schedule.phases.filter(({ start_date }) => start_date === schedule.current_phase?.start_date);
  updateSchedule(world, schedule, {
    current_phase: { start_date: schedule.current_phase?.start_date ?? start, end_date: end },
    phases: [...running.map((phase) => ({ ...phase, end_date: end })), next],
  });
}
