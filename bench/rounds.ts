import type { Milliseconds } from '../shared/domain/units.ts';
import { median } from './figure.ts';

/** The result of each round, after one round that only warms up. */
export async function rounds<T>(measure: () => Promise<T>, count = 5): Promise<T[]> {
  await measure();
  const results: T[] = [];
  for (let round = 0; round < count; round += 1) results.push(await measure());
  return results;
}

/**
 * The callers' successful calls per second. Each caller sends its next call after the last one's
 * answer.
 */
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

/**
 * The median time of one over that of the other. They take turns of this length, so that both meet
 * the machine's other work.
 */
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
