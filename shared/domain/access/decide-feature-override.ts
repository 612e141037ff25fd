import { withAccount } from '../account/draft.ts';
import { type FeatureOverride, isInEffect, overrides_max } from '../account/feature-override.ts';
import { refusal } from '../errors.ts';
import type { Decide } from '../time/decision.ts';

export interface OverrideFeature {
  readonly feature: string;
  /** null: the plan decides again. */
  readonly override: Omit<FeatureOverride, 'feature'> | null;
}

/**
 * Grants or denies a feature, whatever the plan says, or leaves it to the plan again. Refusals:
 * `expiry_in_past`, `too_many_overrides`.
 */
export const decideFeatureOverride =
  ({ feature, override }: OverrideFeature): Decide =>
  ({ draft, at }) => {
    const others = draft.account.overrides.filter((other) => other.feature !== feature && isInEffect(other, at));
    if (override === null) return { draft: withAccount(draft, { overrides: others }) };
    const set = { feature, ...override };
    if (!isInEffect(set, at)) return { refused: refusal('expiry_in_past', {}) };
    if (others.length >= overrides_max) return { refused: refusal('too_many_overrides', { overrides_max }) };
    return { draft: withAccount(draft, { overrides: [...others, set] }) };
  };
