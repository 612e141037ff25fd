import type { Credits, Milliseconds } from './units.ts';

/** A plan's name in the configuration: `free`, `pro`, … */
export type PlanId = string;

/** How often a plan is paid for. Credits come every month either way. */
export const intervals = ['month', 'year'] as const;

export type Interval = (typeof intervals)[number];

export interface Plan {
  readonly id: PlanId;
  readonly name: string;
  /** Credits per monthly period; null means unlimited. */
  readonly monthly_credits: Credits | null;
  /** Names of features; `*` is every feature. */
  readonly features: readonly string[];
  /** null: unused allowance expires with its period. */
  readonly rollover: RolloverPolicy | null;
}

/** How unused allowance rolls over when the next period opens. */
export interface RolloverPolicy {
  /** The most that all of the account's rollover lots may hold together; null means no limit. */
  readonly cap: Credits | null;
  /** 1–100: the share of the unused allowance that rolls over, rounded down. */
  readonly share_percent: number;
  /** Counted from the boundary. */
  readonly expires_after_months: number;
}

export interface Policies {
  /**
   * How long the old monthly lot stays usable when its period has ended and the renewal is unpaid.
   */
  readonly renewal_grace_ms: Milliseconds;
  /** How long a plan's features stay after the paid time. */
  readonly past_due_grace_ms: Milliseconds;
}

/** What you sell and by which rules: the part of the configuration that decisions need. */
export interface Catalog {
  /** Cheapest first, as the configuration lists them. */
  readonly plans: readonly Plan[];
  /** The plan of an account without a subscription. */
  readonly free_plan: PlanId;
  readonly policies: Policies;
}

/** The configuration lacks this plan: somebody removed it while accounts hold it. */
export class PlanNotConfigured extends Error {
  readonly plan: PlanId;
  constructor(plan: PlanId) {
    super(`plan "${plan}" is not in the configuration; plans that accounts hold must stay in it`);
    this.name = 'PlanNotConfigured';
    this.plan = plan;
  }
}

/** The plan of this name. Throws `PlanNotConfigured`. */
export function planOf(catalog: Catalog, id: PlanId): Plan {
  const plan = catalog.plans.find((candidate) => candidate.id === id);
  if (plan === undefined) throw new PlanNotConfigured(id);
  return plan;
}

/** Whether the plan has the feature. */
export function planHasFeature(plan: Plan, feature: string): boolean {
  return plan.features.includes('*') || plan.features.includes(feature);
}

/** The plans that have the feature, in the configuration's order. */
export function plansWithFeature(catalog: Catalog, feature: string): PlanId[] {
  return catalog.plans.filter((plan) => planHasFeature(plan, feature)).map((plan) => plan.id);
}
