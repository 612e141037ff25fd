import type { Catalog, RolloverPolicy } from '../../../shared/domain/plan.ts';

const day_ms = 86_400_000;

interface Terms {
  readonly rollover: Partial<Record<'free' | 'basic' | 'pro' | 'team', RolloverPolicy>>;
  readonly renewal_grace_days: number;
  readonly past_due_grace_days: number;
}

/** One above the other; the top plan is unlimited. */
function catalogOf({ rollover, renewal_grace_days, past_due_grace_days }: Terms): Catalog {
  const limited = (id: 'free' | 'basic' | 'pro' | 'team', monthly_credits: number, features: readonly string[]) => ({
    id,
    name: id,
    monthly_credits,
    features,
    rollover: rollover[id] ?? null,
  });
  return {
    plans: [
      limited('free', 100, ['posts']),
      limited('basic', 300, ['posts', 'analytics']),
      limited('pro', 1_000, ['posts', 'analytics', 'scheduling']),
      limited('team', 5_000, ['posts', 'analytics', 'scheduling', 'ads']),
      { id: 'ultimate', name: 'ultimate', monthly_credits: null, features: ['*'], rollover: null },
    ],
    free_plan: 'free',
    policies: {
      renewal_grace_ms: renewal_grace_days * day_ms,
      past_due_grace_ms: past_due_grace_days * day_ms,
    },
  };
}

export const paid_plans = ['basic', 'pro', 'team', 'ultimate'];

/** `tests` is the last: no plan names it. */
export const features = ['posts', 'analytics', 'scheduling', 'ads', 'tests'];

/** Nothing rolls over. */
export const plain = catalogOf({ rollover: {}, renewal_grace_days: 3, past_due_grace_days: 7 });

/** All that is left rolls over for a month, up to a cap; also on the free plan. */
export const capped_rollover = catalogOf({
  rollover: {
    free: { cap: 60, share_percent: 100, expires_after_months: 1 },
    basic: { cap: 200, share_percent: 100, expires_after_months: 1 },
    pro: { cap: 1_500, share_percent: 100, expires_after_months: 1 },
    team: { cap: 1_000, share_percent: 100, expires_after_months: 1 },
  },
  renewal_grace_days: 3,
  past_due_grace_days: 7,
});

/**
 * A share of what is left rolls over for three months, without a cap on some plans; the free plan
 * has none.
 */
export const shared_rollover = catalogOf({
  rollover: {
    basic: { cap: null, share_percent: 33, expires_after_months: 3 },
    pro: { cap: null, share_percent: 50, expires_after_months: 3 },
    team: { cap: 2_000, share_percent: 7, expires_after_months: 3 },
  },
  renewal_grace_days: 5,
  past_due_grace_days: 0,
});

/** No grace at all: an unpaid renewal ends the old allowance at once. */
export const without_grace = catalogOf({
  rollover: { pro: { cap: 300, share_percent: 100, expires_after_months: 1 } },
  renewal_grace_days: 0,
  past_due_grace_days: 3,
});
