import fc from 'fast-check';
import { features, paid_plans } from './catalogs.ts';
import type { Happening, Size } from './happenings.ts';

const second_ms = 1_000;
const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

/** Three of them on the last days of a month; one on a whole second, as Stripe's anchors are. */
export const beginnings = fc.constantFrom(
  Date.UTC(2026, 2, 1, 8, 30, 0, 250),
  Date.UTC(2026, 0, 31),
  Date.UTC(2027, 11, 30, 23, 59, 59, 999),
  Date.UTC(2028, 1, 29, 12, 0, 0, 500),
);

const nth = fc.nat({ max: 1_000 });
const small = fc.constantFrom(0, 0, 0, 1, -1, 7);
const size = fc.record({ permille: fc.oneof(fc.constantFrom(1_000, 1_000, 500), fc.nat({ max: 1_100 })), plus: small });
/** Most uses are a small part of what there is, so that something is left for what comes after. */
const modest = fc.record({ permille: fc.nat({ max: 450 }), plus: fc.constantFrom(0, 1, 3) });
const huge = fc.record({ permille: fc.constant(0), plus: fc.constantFrom(2 ** 52, 2 ** 53) });
const sizes = fc.oneof(
  { weight: 48, arbitrary: modest },
  { weight: 12, arbitrary: size },
  { weight: 1, arbitrary: huge },
);

const members = fc.constantFrom(null, null, 'ann', 'ann', 'bob');
const use = fc.record({ size: sizes, feature: fc.constantFrom(null, null, ...features), member: members });
const waits = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 90 * second_ms }) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 16 }).map((hours) => hours * hour_ms) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }).map((days) => days * day_ms + 17) },
  { weight: 3, arbitrary: fc.constantFrom(28 * day_ms, 30 * day_ms, 31 * day_ms) },
  { weight: 1, arbitrary: fc.constantFrom(70 * day_ms, 100 * day_ms, 400 * day_ms, 3_700 * day_ms) },
  // Another machine's clock.
  { weight: 2, arbitrary: fc.constantFrom(-1, -300 * second_ms, -2 * hour_ms) },
);
const lifetimes = fc.oneof(
  fc.constant(null),
  fc.integer({ min: 1, max: 40 }).map((hours) => hours * hour_ms),
  fc.integer({ min: 1, max: 60 }).map((days) => days * day_ms),
);
/** Mostly once, sometimes so often that a limit is near. */
const many = (often: number) =>
  fc.oneof({ weight: 60, arbitrary: fc.constantFrom(1, 1, 1, 1, 1, 2) }, { weight: 1, arbitrary: fc.constant(often) });
const any_plan = fc.constantFrom(...paid_plans);
const any_status = fc.constantFrom(
  'active',
  'active',
  'trialing',
  'past_due',
  'unpaid',
  'paused',
  'incomplete',
  'incomplete_expired',
  'canceled',
);

const kind = <const K extends Happening['kind']>(name: K) => fc.constant(name);

const time: fc.WeightedArbitrary<Happening>[] = [
  { weight: 9, arbitrary: fc.record({ kind: kind('wait'), ms: waits }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: kind('wait until due'), plus_ms: fc.constantFrom(0, 0, 0, -1, 1, second_ms) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind('wait until the period ends'), but_hours: fc.constantFrom(0, 1, 5, 5, 5, 20) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('wait until a grace ends'),
      of: fc.constantFrom('renewal', 'features'),
      plus_ms: fc.constantFrom(-1, 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('roll') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('look ahead'), ms: fc.integer({ min: 0, max: 100 * day_ms }) }) },
];

const spending: fc.WeightedArbitrary<Happening>[] = [
  { weight: 14, arbitrary: fc.record({ kind: kind('deduct'), use }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('batch'),
      items: fc.array(fc.record({ use, again: fc.constantFrom(false, false, false, true) }), {
        minLength: 1,
        maxLength: 6,
      }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: kind('hold'),
      use,
      expires_in_s: fc.constantFrom(1, 60, 3_600, 40_000, 86_400, 86_400),
      times: many(104),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('hold over the end'), use }) },
  {
    weight: 11,
    arbitrary: fc.record({
      kind: kind('settle'),
      nth,
      of: fc.constantFrom('hold', 'hold', 'payable', 'cap', 'cap'),
      size: fc.oneof(size, fc.record({ permille: fc.nat({ max: 2_000 }), plus: small })),
      if_insufficient: fc.constantFrom('reject', 'charge_available'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('release'), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('end a closed hold'), nth, by: fc.constantFrom('settle', 'release') }),
  },
];

const giving: fc.WeightedArbitrary<Happening>[] = [
  {
    weight: 7,
    arbitrary: fc.record({
      kind: kind('grant'),
      amount: fc.oneof(
        { weight: 60, arbitrary: fc.integer({ min: 1, max: 400 }) },
        {
          weight: 1,
          arbitrary: fc.constantFrom<(number | 'all that fits')[]>('all that fits', 'all that fits', 2 ** 52),
        },
      ),
      expires_in_ms: fc.oneof({ weight: 15, arbitrary: lifetimes }, { weight: 1, arbitrary: fc.constantFrom(0, -1) }),
      priority: fc.constantFrom(0, 10, 50, 50, 50, 90, 100),
      times: many(104),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: kind('refund'),
      nth,
      of: fc.oneof(
        {
          weight: 9,
          arbitrary: fc.constantFrom('last charge', 'last charge', 'charge', 'settlement', 'partly refunded'),
        },
        { weight: 1, arbitrary: fc.constantFrom('anything', 'nothing') },
      ),
      size: fc.option<Size>(size, { freq: 3 }),
    }),
  },
];

const rights: fc.WeightedArbitrary<Happening>[] = [
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('override'),
      feature: fc.constantFrom(...features),
      allowed: fc.constantFrom(true, false, null),
      expires_in_ms: fc.oneof({ weight: 9, arbitrary: lifetimes }, { weight: 1, arbitrary: fc.constantFrom(0, -1) }),
      times: many(104),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('cap'),
      member: fc.constantFrom('ann', 'ann', 'bob'),
      monthly_credits: fc.oneof(
        { weight: 1, arbitrary: fc.constant(null) },
        { weight: 3, arbitrary: fc.constantFrom(0, 40, 150, 600, 600, 2_500) },
      ),
    }),
  },
];

const subscribing: fc.WeightedArbitrary<Happening>[] = [
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('subscribe'),
      plan: any_plan,
      trial_days: fc.constantFrom(null, null, null, 7, 40),
      months: fc.constantFrom(1, 1, 1, 1, 12),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: kind('renew'), months: fc.constantFrom(1, 1, 1, 1, 2, 12) }) },
  { weight: 7, arbitrary: fc.record({ kind: kind('change plan'), plan: any_plan }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('change status'), status: any_status }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('move anchor'),
      days: fc.constantFrom(0, 0, 1, 20, null),
      paid_months: fc.constantFrom(null, 1, 12),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('come back'), nth, plan: any_plan, is_paid: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('snapshot'),
      subscription: fc.constantFrom(1, 1, 1, 2),
      plan: any_plan,
      status: any_status,
      anchor_days: fc.option<number>(fc.integer({ min: 0, max: 40 }), { freq: 6 }),
      seconds: fc.constantFrom(0, 0, -1, -3_600),
      fetched: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('paid'),
      subscription: fc.constantFrom(1, 1, 1, 2),
      months: fc.integer({ min: -1, max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('customer'), nth: fc.nat({ max: 3 }) }) },
];

/** Any of them shrinks to nothing. */
const happening = fc.oneof(
  { withCrossShrink: true },
  // The least weight that there is: it is what the others shrink to.
  { weight: 1, arbitrary: fc.record({ kind: kind('nothing') }) },
  ...time,
  ...spending,
  ...giving,
  ...rights,
  ...subscribing,
  { weight: 4, arbitrary: fc.record({ kind: kind('again'), nth, changed: fc.constantFrom(false, false, true) }) },
);

/**
 * The life of an account: fifty happenings, of which a counterexample keeps only those that it
 * needs.
 */
export const life = fc
  .array<Happening>(happening, { minLength: 50, maxLength: 50 })
  .map((happened) => happened.filter(({ kind }) => kind !== 'nothing'));
