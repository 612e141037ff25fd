/**
 * AWS's prices in us-east-1, on demand, in dollars, as known in November 2026. Check them against
 * https://aws.amazon.com/pricing before you rely on a bill. Free tiers, volume discounts and taxes
 * are left out.
 */
export const prices = {
  write_unit: 0.625e-6,
  read_unit: 0.125e-6,
  lambda_request: 0.2e-6,
  /** ARM. */
  lambda_gb_second: 0.0000133334,
  http_api_request: 1e-6,
  sqs_standard_request: 0.4e-6,
  sqs_fifo_request: 0.5e-6,
  log_gb: 0.5,
  /** Per month, with point-in-time recovery of the same bytes. */
  stored_gb: 0.25 + 0.2,
} as const;

/** What one call of a kind uses. */
export type Use = Readonly<Partial<Record<Unit, number>>>;

type Unit = keyof typeof prices;

/** In dollars. */
export function costOf(use: Use): number {
  return Object.keys(prices)
    .filter(isUnit)
    .reduce((sum, unit) => sum + prices[unit] * (use[unit] ?? 0), 0);
}

function isUnit(name: string): name is Unit {
  return Object.hasOwn(prices, name);
}
