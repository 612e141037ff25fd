/** A whole number of credits, at most 2^53 − 1. */
export type Credits = number;

/**
 * The most that an account can be given or get back. The other half of what an integer can hold is
 * room for what is never refused: allowances and purchases.
 */
export const balance_max: Credits = 2 ** 52;

/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export type Milliseconds = number;

export const hour_ms: Milliseconds = 3_600_000;
export const day_ms: Milliseconds = 24 * hour_ms;

/** The moment as the API and natural keys write it. */
export function toIso(at: Instant): string {
  return new Date(at).toISOString();
}

/** The UTC day of the moment, `YYYY-MM-DD`. */
export function utcDay(at: Instant): string {
  return toIso(at).slice(0, 10);
}
