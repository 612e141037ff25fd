import type { Instant } from '../units.ts';

/** A feature that one account has or lacks, whatever its plan says. */
export interface FeatureOverride {
  readonly feature: string;
  readonly allowed: boolean;
  /** The first moment at which the plan counts again; null means never. */
  readonly expires_at: Instant | null;
}

/** The most overrides that an account may have. */
export const overrides_max = 100;

/** Whether the override still counts. */
export function isInEffect({ expires_at }: FeatureOverride, now: Instant): boolean {
  return expires_at === null || now < expires_at;
}
