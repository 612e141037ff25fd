import type { Milliseconds } from '../shared/domain/units.ts';
import { median } from './figure.ts';

/** What each round gives, after one that only warms up. */
export async function rounds<T>(measure: () => Promise<T>, count = 5): Promise<T[]> {
  await measure();
  const results: T[] = [];
  for (let round = 0; round < count; round += 1) results.push(await measure());
  return results;
}

/** How often per second the callers' calls succeed, when each caller sends its next one after the last one's answer. */
export async function rateOf(
  callers: number,
  time_ms: Milliseconds,
  call: (caller: number) => Promise<unknown>,
): Promise<number> {
  const began_at = performance.now();
  let answered = 0;
  const repeat = async (_: unknown, caller: number) => {
    while (performance.now() - began_at < time_ms) {
      await call(caller);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, repeat));
  return (1000 * answered) / (performance.now() - began_at);
}

/** Median time of the one over that of the other. They take turns so long, so that what else this machine does falls on both. */
export async function timeRatio(
  time_ms: Milliseconds,
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<number> {
  const [of_one, of_other]: [Milliseconds[], Milliseconds[]] = [[], []];
  const began_at = performance.now();
  while (performance.now() - began_at < time_ms) {
    of_one.push(await timeOf(one));
    of_other.push(await timeOf(other));
  }
  return median(of_one) / median(of_other);
}

async function timeOf(call: () => Promise<unknown>): Promise<Milliseconds> {
  const began_at = performance.now();
  await call();
  return performance.now() - began_at;
}
