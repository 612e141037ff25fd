import type { Account } from './account.ts';
import type { Decision } from './decision.ts';
import { notBefore, withAccount } from './draft.ts';
import { ExpiryInPast, TooManyOverrides } from './errors.ts';
import { type FeatureOverride, isInEffect, overrides_max } from './feature-override.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import type { Instant } from './units.ts';

export interface OverrideFeature {
  readonly feature: string;
  /** null: the plan counts again. */
  readonly override: Omit<FeatureOverride, 'feature'> | null;
}

/** Grants or denies a feature whatever the plan says, or leaves it to the plan again. Refusals: `ExpiryInPast`, `TooManyOverrides`. */
export function decideFeatureOverride(
  account: Account,
  { feature, override }: OverrideFeature,
  catalog: Catalog,
  now: Instant,
): Decision {
  const rolled = rollForward(account, catalog, now);
  const at = notBefore(account, now);
  const others = rolled.account.overrides.filter((other) => other.feature !== feature && isInEffect(other, at));
  if (override === null) return { draft: withAccount(rolled, { overrides: others }) };
  const set = { feature, ...override };
  if (!isInEffect(set, at)) return { rejected: new ExpiryInPast() };
  if (others.length >= overrides_max) return { rejected: new TooManyOverrides(overrides_max) };
  return { draft: withAccount(rolled, { overrides: [...others, set] }) };
}
