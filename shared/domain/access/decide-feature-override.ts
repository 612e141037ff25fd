import { withAccount } from '../account/draft.ts';
import { type FeatureOverride, isInEffect, overrides_max } from '../account/feature-override.ts';
import { ExpiryInPast, TooManyOverrides } from '../errors.ts';
import type { Decide } from '../time/decision.ts';

export interface OverrideFeature {
  readonly feature: string;
  /** null: the plan decides again. */
  readonly override: Omit<FeatureOverride, 'feature'> | null;
}

/**
 * Grants or denies a feature, whatever the plan says, or leaves it to the plan again. Refusals:
 * `ExpiryInPast`, `TooManyOverrides`.
 */
export const decideFeatureOverride =
  ({ feature, override }: OverrideFeature): Decide =>
  ({ draft, at }) => {
    const others = draft.account.overrides.filter((other) => other.feature !== feature && isInEffect(other, at));
    if (override === null) return { draft: withAccount(draft, { overrides: others }) };
    const set = { feature, ...override };
    if (!isInEffect(set, at)) return { refused: new ExpiryInPast() };
    if (others.length >= overrides_max) return { refused: new TooManyOverrides(overrides_max) };
    return { draft: withAccount(draft, { overrides: [...others, set] }) };
  };
