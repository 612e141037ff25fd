import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

/** What setTimeout answers: a timer of Node's, as far as anybody uses it. */
class VirtualTimer {
  is_cleared = false;
  readonly ref = () => this;
  readonly unref = () => this;
}

/** Does the work with timers of the timeline and chance of the seed in the place of the real ones, for packages that use those. */
export async function withVirtualTimers<T>(timeline: Timeline, chance: Chance, work: () => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout } = globalThis;
  const { random } = Math;
  replace(globalThis, 'setTimeout', (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const timer = new VirtualTimer();
    timeline.after(ms, () => timer.is_cleared || callback(...args));
    return timer;
  });
  replace(globalThis, 'clearTimeout', (timer: Parameters<typeof clearTimeout>[0] | VirtualTimer) => {
    if (timer instanceof VirtualTimer) timer.is_cleared = true;
    else clearTimeout(timer);
  });
  replace(Math, 'random', chance.random);
  try {
    return await work();
  } finally {
    replace(globalThis, 'setTimeout', setTimeout);
    replace(globalThis, 'clearTimeout', clearTimeout);
    replace(Math, 'random', random);
  }
}

function replace(place: object, name: string, value: unknown): void {
  Object.defineProperty(place, name, { value, configurable: true, writable: true, enumerable: true });
}
