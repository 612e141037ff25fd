import fc from 'fast-check';
import { periodEnd, periodIndexAt } from '../../shared/domain/period.ts';
import type { SubscriptionSnapshot } from '../../shared/domain/subscription.ts';
import { day_ms, hour_ms, type Instant } from '../../shared/domain/units.ts';
import { Journey, pro } from './fixtures.ts';

/** Something that can happen to an account. */
export type Happening =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'roll' }
  | { readonly kind: 'deduct'; readonly amount: number }
  | { readonly kind: 'grant'; readonly amount: number; readonly days: number | null; readonly priority: number }
  | {
      readonly kind: 'snapshot';
      readonly subscription: number;
      readonly changes: Pick<SubscriptionSnapshot, 'plan' | 'status'>;
      /** Moves the anchor to this many days from now; null leaves it. */
      readonly anchor_days: number | null;
      readonly fetched: boolean;
    }
  | { readonly kind: 'paid'; readonly subscription: number; readonly months: number };

/** One of them on a whole second, as Stripe's grids are. */
export const beginnings = fc.constantFrom(
  '2026-03-01T08:30:00.250Z',
  '2026-01-31T00:00:00.000Z',
  '2027-12-30T23:59:59.999Z',
  '2028-02-29T12:00:00.500Z',
);

const waits = fc.oneof(
  fc.integer({ min: 0, max: 90_000 }),
  fc.integer({ min: 0, max: 5 }).map((days) => days * day_ms + hour_ms),
  fc.constantFrom(30 * day_ms, 31 * day_ms, 100 * day_ms),
  // Another machine's clock.
  fc.constant(-300_000),
);

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: waits }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('roll' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('deduct' as const), amount: fc.integer({ min: 1, max: 1_500 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('grant' as const),
      amount: fc.integer({ min: 1, max: 500 }),
      days: fc.option(fc.integer({ min: 1, max: 60 })),
      priority: fc.constantFrom(10, 50, 90),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('snapshot' as const),
      subscription: fc.constantFrom(1, 1, 1, 2),
      changes: fc.record({
        plan: fc.constantFrom('pro', 'pro_plus', 'ultimate'),
        status: fc.constantFrom(
          'active',
          'active',
          'active',
          'trialing',
          'past_due',
          'unpaid',
          'paused',
          'incomplete',
          'canceled',
        ),
      }),
      anchor_days: fc.option(fc.integer({ min: 0, max: 40 }), { freq: 6 }),
      fetched: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('paid' as const),
      subscription: fc.constantFrom(1, 1, 1, 2),
      months: fc.integer({ min: -1, max: 12 }),
    }),
  },
);

export const happenings = fc.array(happening, { maxLength: 40, size: 'max' });

export function live(journey: Journey, what: Happening): void {
  switch (what.kind) {
    case 'wait':
      journey.wait(what.ms);
      return;
    case 'roll':
      journey.roll();
      return;
    case 'deduct':
      journey.deduct(what.amount);
      return;
    case 'grant':
      journey.grant({
        amount: what.amount,
        priority: what.priority,
        expires_at: what.days === null ? null : journey.now + what.days * day_ms,
      });
      return;
    case 'snapshot':
      snapshotOf(journey, what);
      return;
    case 'paid':
      journey.paid(monthsAhead(journey, what.months), `sub_${what.subscription}`);
      return;
  }
}

/** An account after all this, one happening after the other. */
export function lived(beginning: string, happened: readonly Happening[]): Journey {
  const journey = new Journey(beginning);
  for (const what of happened) live(journey, what);
  return journey;
}

function snapshotOf(journey: Journey, what: Extract<Happening, { kind: 'snapshot' }>): void {
  const stripe_subscription_id = `sub_${what.subscription}`;
  const held = journey.account.subscription;
  const anchorNear = (at: Instant) => Math.floor(at / 10_000) * 10_000;
  const kept =
    held?.stripe_subscription_id === stripe_subscription_id ? held.billing_cycle_anchor : anchorNear(journey.now);
  const billing_cycle_anchor = what.anchor_days === null ? kept : anchorNear(journey.now + what.anchor_days * day_ms);
  const snapshot = { ...what.changes, stripe_subscription_id, billing_cycle_anchor };
  journey.snapshot(snapshot, { fetched: what.fetched });
}

/** The end of the running period of the account's subscription, and so many months more. */
function monthsAhead(journey: Journey, months: number): Instant {
  const anchor_at = journey.account.subscription?.billing_cycle_anchor ?? pro.billing_cycle_anchor;
  return periodEnd(anchor_at, periodIndexAt(anchor_at, journey.now) + months);
}
