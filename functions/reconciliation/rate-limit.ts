import type { Instant, Milliseconds } from '../../shared/domain/units.ts';

/** Waits until one more call is allowed. */
export type NextCall = () => Promise<void>;

/** Limits calls per second. The first second's worth may go at once. */
export function rateLimit(
  calls_per_second: number,
  { clock, wait }: { clock: () => Instant; wait: (ms: Milliseconds) => Promise<void> },
): NextCall {
  const most = Math.max(1, calls_per_second);
  let left = most;
  let at = clock();
  return async () => {
    const now = clock();
    left = Math.min(most, left + (Math.max(0, now - at) * calls_per_second) / 1_000) - 1;
    at = now;
    if (left < 0) await wait((-left * 1_000) / calls_per_second);
  };
}
