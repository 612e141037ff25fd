import fc from 'fast-check';
import type { Account } from '../../shared/domain/account/account.ts';
import type { Hold } from '../../shared/domain/account/hold.ts';
import type { SubscriptionSnapshot } from '../../shared/domain/account/subscription.ts';
import type { Entry } from '../../shared/domain/ledger/entry.ts';
import { periodEnd, periodIndexAt } from '../../shared/domain/period.ts';
import type { Catalog } from '../../shared/domain/plan.ts';
import type { Settle } from '../../shared/domain/spend/decide-settle.ts';
import { day_ms, hour_ms, type Instant } from '../../shared/domain/units.ts';
import { capped_rollover, catalog, Journey, pro, shared_rollover } from './fixtures.ts';

/**
 * Something that can happen to an account. Holds and charges are meant by their number, modulo how
 * many there are.
 */
export type Happening =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'roll' }
  | { readonly kind: 'deduct'; readonly amount: number; readonly member: string | undefined }
  | { readonly kind: 'bonus'; readonly amount: number; readonly days: number | null; readonly priority: number }
  | { readonly kind: 'purchase'; readonly amount: number }
  | {
      readonly kind: 'hold';
      readonly amount: number;
      readonly seconds: number;
      readonly member: string | undefined;
    }
  | {
      readonly kind: 'settle';
      readonly nth: number;
      /** Of what was held. */
      readonly percent: number;
      readonly if_insufficient: Settle['if_insufficient'];
    }
  | { readonly kind: 'release'; readonly nth: number }
  /** Of the charge; null is all of the rest. */
  | { readonly kind: 'refund'; readonly nth: number; readonly percent: number | null }
  | { readonly kind: 'cap'; readonly member: string; readonly monthly_credits: number | null }
  | { readonly kind: 'override'; readonly feature: string; readonly allowed: boolean | null; readonly days: number }
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

export const catalogs = fc.constantFrom(catalog, capped_rollover, shared_rollover);

const waits = fc.oneof(
  fc.integer({ min: 0, max: 90_000 }),
  fc.integer({ min: 0, max: 5 }).map((days) => days * day_ms + hour_ms),
  // To the very moment at which holds and lots expire.
  fc.constantFrom(hour_ms, day_ms),
  fc.constantFrom(30 * day_ms, 31 * day_ms, 100 * day_ms),
  // Another machine's clock.
  fc.constant(-300_000),
);

const numbers = fc.nat(99);
const members = fc.constantFrom(undefined, undefined, 'anna', 'ben');
const percents = fc.constantFrom(0, 1, 50, 100, 100, 101, 180);

const spending: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('deduct' as const),
      amount: fc.integer({ min: 1, max: 1_500 }),
      member: members,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('hold' as const),
      amount: fc.integer({ min: 1, max: 900 }),
      seconds: fc.constantFrom(60, 3_600, 86_400),
      member: members,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      nth: numbers,
      percent: percents,
      if_insufficient: fc.constantFrom('reject', 'charge_available'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), nth: numbers }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      nth: numbers,
      percent: fc.option(fc.constantFrom(1, 30, 100)),
    }),
  },
);

const giving: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('bonus' as const),
      amount: fc.integer({ min: 1, max: 500 }),
      days: fc.option(fc.integer({ min: 1, max: 60 })),
      priority: fc.constantFrom(10, 50, 90),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('purchase' as const), amount: fc.integer({ min: 1, max: 500 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('cap' as const),
      member: fc.constantFrom('anna', 'ben'),
      monthly_credits: fc.option(fc.integer({ min: 0, max: 2_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('override' as const),
      feature: fc.constantFrom('ads', 'beta'),
      allowed: fc.option(fc.boolean()),
      days: fc.integer({ min: 1, max: 60 }),
    }),
  },
);

const subscribing: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
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
  fc.record({
    kind: fc.constant('paid' as const),
    subscription: fc.constantFrom(1, 1, 1, 2),
    months: fc.integer({ min: -1, max: 12 }),
  }),
);

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: waits }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('roll' as const) }) },
  { weight: 10, arbitrary: spending },
  { weight: 3, arbitrary: giving },
  { weight: 8, arbitrary: subscribing },
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
      journey.deduct(what.amount, undefined, { member: what.member, feature: 'basic_posts' });
      return;
    case 'bonus': {
      const { amount, priority, days } = what;
      journey.bonus(amount, { priority, expires_at: days === null ? null : journey.now + days * day_ms });
      return;
    }
    case 'purchase':
      journey.grant({ amount: what.amount, kind: 'purchase' });
      return;
    case 'hold':
      journey.hold(what.amount, undefined, { expires_in_s: what.seconds, member: what.member });
      return;
    case 'settle': {
      const hold = holdMeant(journey, what);
      if (hold !== undefined) journey.settle(hold.id, partOf(hold.amount, what.percent), what.if_insufficient);
      return;
    }
    case 'release':
      journey.release(holdMeant(journey, what)?.id ?? 'h_none');
      return;
    case 'refund': {
      const charge = chargeMeant(journey, what);
      if (charge !== undefined) journey.refund(charge.entry_id, refundedPart(charge, what.percent));
      return;
    }
    case 'cap':
      journey.cap(what.member, what.monthly_credits);
      return;
    case 'override': {
      const { feature, allowed, days } = what;
      journey.override(feature, allowed === null ? null : { allowed, expires_at: journey.now + days * day_ms });
      return;
    }
    case 'snapshot':
      snapshotOf(journey, what);
      return;
    case 'paid':
      journey.paid(monthsAhead(journey, what.months), `sub_${what.subscription}`);
      return;
  }
}

/** An account after all this, one happening after the other. */
export function lived(beginning: string, happened: readonly Happening[], by: Catalog = catalog): Journey {
  const journey = new Journey(beginning, by);
  for (const what of happened) live(journey, what);
  return journey;
}

export const runs = { numRuns: 120 };

/** Holds after any life. */
export function always(check: (journey: Journey) => void): void {
  fc.assert(
    fc.property(catalogs, beginnings, happenings, (by, beginning, happened) => {
      check(lived(beginning, happened, by));
    }),
    runs,
  );
}

/** Holds between each state of any life and the next. */
export function atEachStep(check: (before: Account, after: Account, journey: Journey, what: Happening) => void): void {
  fc.assert(
    fc.property(catalogs, beginnings, happenings, (by, beginning, happened) => {
      const journey = new Journey(beginning, by);
      for (const what of happened) {
        const before = journey.account;
        live(journey, what);
        check(before, journey.account, journey, what);
      }
    }),
    runs,
  );
}

/** Time as the account counts it: never backwards. */
export function timeOf({ account, now }: Journey): number {
  return Math.max(account.updated_at, now);
}

/** One of the open holds; undefined when there is none. */
export function holdMeant({ account: { holds } }: Journey, { nth }: { readonly nth: number }): Hold | undefined {
  return holds[nth % holds.length];
}

function chargeMeant({ entries }: Journey, { nth }: { readonly nth: number }): Entry | undefined {
  const charges = entries.filter((entry) => entry.transaction_type === 'usage');
  return charges[nth % charges.length];
}

/** What an entry has charged. */
export function chargedBy({ covered_credits, amount }: Entry): number {
  return covered_credits ?? 0 - amount;
}

export function partOf(amount: number, percent: number): number {
  return Math.ceil((amount * percent) / 100);
}

function refundedPart(charge: Entry, percent: number | null): number | undefined {
  return percent === null ? undefined : Math.max(1, partOf(chargedBy(charge), percent));
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
