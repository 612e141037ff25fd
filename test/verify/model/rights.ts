import type { Refusal, State } from './state.ts';
import { planNamed } from './state.ts';
import { inForce, roll } from './time.ts';

export const overrides_max = 100;

export function setOverride(
  state: State,
  feature: string,
  override: { allowed: boolean; expires_at: number | null },
  now: number,
): Refusal | null {
  roll(state, now);
  if (override.expires_at !== null && override.expires_at <= state.clock) return { code: 'expiry_in_past' };
  forgetExpired(state);
  if (!state.overrides.has(feature) && state.overrides.size >= overrides_max) return { code: 'too_many_overrides' };
  state.overrides.set(feature, override);
  return null;
}

export function deleteOverride(state: State, feature: string, now: number): Refusal | null {
  roll(state, now);
  forgetExpired(state);
  state.overrides.delete(feature);
  return null;
}

function forgetExpired(state: State): void {
  for (const [feature, { expires_at }] of state.overrides) {
    if (expires_at !== null && expires_at <= state.clock) {
      state.overrides.delete(feature);
      state.seen.push('override expired');
    }
  }
}

/**
 * Whether the account has a feature: by its override, else by the plan, the free one after the
 * grace for past-due payments.
 */
export function allows(state: State, feature: string): boolean {
  const override = state.overrides.get(feature);
  if (override !== undefined && (override.expires_at === null || state.clock < override.expires_at)) {
    return override.allowed;
  }
  const { features } = planNamed(state, featurePlan(state));
  return features.includes('*') || features.includes(feature);
}

/** Whether it has every feature, also those that nobody has named. */
export function allowsAll(state: State): boolean {
  for (const { allowed, expires_at } of state.overrides.values()) {
    if (!allowed && (expires_at === null || state.clock < expires_at)) return false;
  }
  return planNamed(state, featurePlan(state)).features.includes('*');
}

function featurePlan(state: State): string {
  const { subscription, catalog } = state;
  if (!inForce(state) || subscription === null || subscription.paid === null) return catalog.free_plan;
  const paid_features_end = subscription.paid.through + catalog.policies.past_due_grace_ms;
  return state.clock < paid_features_end ? subscription.plan : catalog.free_plan;
}
