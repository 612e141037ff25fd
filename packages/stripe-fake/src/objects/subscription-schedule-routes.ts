import type Stripe from 'stripe';
import * as z from 'zod';
import { applyPhase } from '../actions/advance-schedule.ts';
import { PRORATION_BEHAVIORS } from '../actions/change-subscription.ts';
import { scheduleFrom } from '../actions/schedule-subscription.ts';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { boolean, changeMetadata, integer, isWithin, metadata, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { idOf, type World } from '../world.ts';
import { nextBoundary } from './periods.ts';
import { buildPhase, closeSchedule, updateSchedule } from './subscription-schedules.ts';
import { endSubscription, recurringOf, updateSubscription } from './subscriptions.ts';

const INTERVALS = ['day', 'week', 'month', 'year'] as const;

const phase = z.strictObject({
  items: z
    .array(z.strictObject({ price: text, quantity: integer.pipe(z.number().min(1)).default(1) }))
    .min(1)
    .max(20),
  start_date: integer.optional(),
  end_date: integer.optional(),
  duration: z
    .strictObject({ interval: z.enum(INTERVALS), interval_count: integer.pipe(z.number().min(1)).default(1) })
    .optional(),
  proration_behavior: z.enum(PRORATION_BEHAVIORS).default('create_prorations'),
  billing_cycle_anchor: z.enum(['automatic', 'phase_start']).optional(),
});

const updateParams = z.strictObject({
  end_behavior: z.enum(['cancel', 'release']).optional(),
  metadata: metadata.optional(),
  phases: z.array(phase).min(1).max(10).optional(),
  proration_behavior: z.enum(PRORATION_BEHAVIORS).default('create_prorations'),
});
type UpdateParams = z.infer<typeof updateParams>;

const listParams = z.strictObject({
  ...pagination,
  canceled_at: range.optional(),
  completed_at: range.optional(),
  created: range.optional(),
  customer: text.optional(),
  released_at: range.optional(),
  scheduled: boolean.optional(),
});

/**
 * @throws StripeApiError for phases that do not begin with the running one, or that end before they
 * begin.
 */
function phasesOf(
  world: World,
  { current_phase }: Stripe.SubscriptionSchedule,
  wanted: NonNullable<UpdateParams['phases']>,
): Stripe.SubscriptionSchedule.Phase[] {
  let start_date = current_phase?.start_date ?? world.seconds();
  return wanted.map(({ items, end_date, duration, proration_behavior, billing_cycle_anchor, ...given }, i) => {
    const priced = items.map(({ price, quantity }, j) => ({
      price: world.store.prices.require(price, `phases[${i}][items][${j}][price]`),
      quantity,
    }));
    if (given.start_date !== undefined && given.start_date !== start_date) {
      const message = 'A phase starts when the one before it ends; the first one given is the current phase.';
      throw invalidRequest(message, { param: `phases[${i}][start_date]` });
    }
    const recurring = { ...recurringOf(priced.map(({ price }) => price)), ...duration };
    const end = end_date ?? nextBoundary(start_date, recurring, start_date);
    if (end <= Math.max(start_date, world.seconds())) {
      throw invalidRequest('A phase must end after it starts, in the future.', { param: `phases[${i}][end_date]` });
    }
    const dates = { start_date, end_date: end };
    start_date = end;
    const anchor = billing_cycle_anchor ?? null;
    return buildPhase({ items: priced, ...dates, proration_behavior, billing_cycle_anchor: anchor });
  });
}

function update(world: World, before: Stripe.SubscriptionSchedule, params: UpdateParams): Stripe.SubscriptionSchedule {
  const phases = params.phases === undefined ? before.phases : phasesOf(world, before, params.phases);
  const [running] = params.phases === undefined ? [] : phases;
  const schedule = updateSchedule(world, before, {
    ...(running ? { current_phase: { start_date: running.start_date, end_date: running.end_date } } : {}),
    end_behavior: params.end_behavior ?? before.end_behavior,
    metadata: changeMetadata(before.metadata ?? {}, params.metadata),
    phases,
  });
  const subscription = world.store.subscriptions.require(idOf(schedule.subscription ?? ''));
  const has = subscription.items.data.map(({ price, quantity }) => `${price.id} ${quantity ?? 1}`).join();
  const wanted = running?.items.map(({ price, quantity }) => `${idOf(price)} ${quantity ?? 1}`).join();
  if (running && has !== wanted) applyPhase(world, subscription, running, params.proration_behavior);
  return schedule;
}

/** @throws StripeApiError for a schedule that has ended. */
function requireActive(world: World, id: string): Stripe.SubscriptionSchedule {
  const schedule = world.store.subscription_schedules.require(id);
  if (schedule.status === 'active') return schedule;
  throw invalidRequest(
    `You cannot change a subscription schedule that is currently in the \`${schedule.status}\` status.`,
  );
}

export const subscriptionScheduleRoutes: Route[] = [
  route(
    'POST',
    '/v1/subscription_schedules',
    z.strictObject({ from_subscription: text, metadata: metadata.optional() }),
    ({ world, params }) =>
      scheduleFrom(
        world,
        world.store.subscriptions.require(params.from_subscription, 'from_subscription'),
        changeMetadata({}, params.metadata),
      ),
  ),
  route('GET', '/v1/subscription_schedules/:id', z.strictObject({}), ({ world, id }) =>
    world.store.subscription_schedules.require(id),
  ),
  route('POST', '/v1/subscription_schedules/:id', updateParams, ({ world, id, params }) =>
    update(world, requireActive(world, id), params),
  ),
  route('POST', '/v1/subscription_schedules/:id/release', z.strictObject({}), ({ world, id }) => {
    const schedule = requireActive(world, id);
    const released = closeSchedule(world, schedule, 'released');
    const subscription = world.store.subscriptions.require(idOf(schedule.subscription ?? ''));
    updateSubscription(world, subscription, { schedule: null });
    return released;
  }),
  route('POST', '/v1/subscription_schedules/:id/cancel', z.strictObject({}), ({ world, id }) => {
    const schedule = requireActive(world, id);
    endSubscription(world, world.store.subscriptions.require(idOf(schedule.subscription ?? '')), null);
    return world.store.subscription_schedules.require(id);
  }),
  route('GET', '/v1/subscription_schedules', listParams, ({ world, params }) =>
    pageOf(
      world.store.subscription_schedules.list(),
      params,
      '/v1/subscription_schedules',
      ({ customer, created, status, canceled_at, completed_at, released_at }) =>
        (params.customer === undefined || customer === params.customer) &&
        (params.scheduled === undefined || (status === 'not_started') === params.scheduled) &&
        isWithin(created, params.created) &&
        isWithin(canceled_at ?? Number.NaN, params.canceled_at) &&
        isWithin(completed_at ?? Number.NaN, params.completed_at) &&
        isWithin(released_at ?? Number.NaN, params.released_at),
    ),
  ),
];
