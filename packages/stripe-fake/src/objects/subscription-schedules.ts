import type Stripe from 'stripe';
import { idOf, previousAttributes, type World } from '../world.ts';

export interface PhaseDetails {
  items: { price: Stripe.Price; quantity: number }[];
  /** Epoch seconds. */
  start_date: number;
  end_date: number;
  proration_behavior: Stripe.SubscriptionSchedule.Phase.ProrationBehavior;
  billing_cycle_anchor: 'automatic' | 'phase_start' | null;
}

export function buildPhase(details: PhaseDetails): Stripe.SubscriptionSchedule.Phase {
  const { items, ...known } = details;
  return {
    ...known,
    add_invoice_items: [],
    application_fee_percent: null,
    billing_thresholds: null,
    collection_method: null,
    currency: items[0]?.price.currency ?? 'usd',
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    invoice_settings: null,
    items: items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price.id,
      price: price.id,
      quantity,
      tax_rates: [],
    })),
    metadata: {},
    on_behalf_of: null,
    transfer_data: null,
    trial_end: null,
  };
}

/** A schedule that takes over a running subscription, in its first phase. */
export function createSchedule(
  world: World,
  subscription: Stripe.Subscription,
  phase: Stripe.SubscriptionSchedule.Phase,
  metadata: Stripe.Metadata,
): Stripe.SubscriptionSchedule {
  const schedule = putSchedule(world, {
    id: world.id('sub_sched_1'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    canceled_at: null,
    completed_at: null,
    created: world.seconds(),
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    customer: subscription.customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata,
    pause_schedules: [],
    phases: [phase],
    released_at: null,
    released_subscription: null,
    status: 'active',
    subscription: subscription.id,
    test_clock: null,
  });
  world.emit({ type: 'subscription_schedule.created', data: { object: schedule } });
  return schedule;
}

/** Stores a schedule, and notes the end of its phase in the agenda. */
function putSchedule(world: World, schedule: Stripe.SubscriptionSchedule): Stripe.SubscriptionSchedule {
  const { id, status, current_phase } = schedule;
  if (status === 'active' && current_phase !== null) {
    world.agenda.set('subscription_schedule.advance', id, current_phase.end_date * 1000);
  } else world.agenda.clear('subscription_schedule.advance', id);
  return world.store.subscription_schedules.put(schedule);
}

export function updateSchedule(
  world: World,
  before: Stripe.SubscriptionSchedule,
  change: Partial<Stripe.SubscriptionSchedule>,
): Stripe.SubscriptionSchedule {
  const schedule = putSchedule(world, { ...before, ...change });
  const previous_attributes = previousAttributes(before, schedule);
  world.emit({ type: 'subscription_schedule.updated', data: { object: schedule, previous_attributes } });
  return schedule;
}

/** Ends a schedule. A released subscription goes on without it. */
export function closeSchedule(
  world: World,
  before: Stripe.SubscriptionSchedule,
  status: 'canceled' | 'completed' | 'released',
): Stripe.SubscriptionSchedule {
  const is_released = status === 'released';
  const now = world.seconds();
  const schedule = putSchedule(world, {
    ...before,
    current_phase: null,
    status,
    canceled_at: status === 'canceled' ? now : null,
    completed_at: status === 'completed' ? now : null,
    released_at: is_released ? now : null,
    released_subscription: is_released && before.subscription !== null ? idOf(before.subscription) : null,
    subscription: is_released ? null : before.subscription,
  });
  world.emit({ type: `subscription_schedule.${status}`, data: { object: schedule } });
  return schedule;
}

/** The schedule that a subscription follows, or null. */
export function scheduleOf(world: World, { schedule }: Stripe.Subscription): Stripe.SubscriptionSchedule | null {
  const found = schedule === null ? undefined : world.store.subscription_schedules.get(idOf(schedule));
  return found?.status === 'active' ? found : null;
}

/** The phase that comes after the running one, or null. */
export function nextPhase(schedule: Stripe.SubscriptionSchedule): Stripe.SubscriptionSchedule.Phase | null {
  const end = schedule.current_phase?.end_date;
  return schedule.phases.find(({ start_date }) => start_date === end) ?? null;
}
