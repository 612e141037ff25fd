import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

/** What setTimeout answers: a timer of Node's, as far as anybody uses it. */
class VirtualTimer {
  is_cleared = false;
  readonly ref = () => this;
  readonly unref = () => this;
}

/**
 * Does the work with timers of the timeline and chance of the seed in the place of the real ones,
 * for packages that use those.
 */
export async function withVirtualTimers<T>(timeline: Timeline, chance: Chance, work: () => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout } = globalThis;
  const { random } = Math;
  replaceTimers(
    (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const timer = new VirtualTimer();
      timeline.after(ms, () => timer.is_cleared || callback(...args));
      return timer;
    },
    (timer: Parameters<typeof clearTimeout>[0] | VirtualTimer) => {
      if (timer instanceof VirtualTimer) timer.is_cleared = true;
      else clearTimeout(timer);
    },
  );
  replace(Math, 'random', chance.random);
  try {
    return await work();
  } finally {
    replaceTimers(setTimeout, clearTimeout);
    replace(Math, 'random', random);
  }
}

/** The global ones, and those that packages import. */
function replaceTimers(set: unknown, clear: unknown): void {
  for (const place of [globalThis, timers]) {
    replace(place, 'setTimeout', set);
    replace(place, 'clearTimeout', clear);
  }
  syncBuiltinESMExports();
}

function replace(place: object, name: string, value: unknown): void {
  Object.defineProperty(place, name, { value, configurable: true, writable: true, enumerable: true });
}
