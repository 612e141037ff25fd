import { expect, test } from 'vitest';
import { type LifecycleName, lifecycles } from './lifecycles.ts';
import { Listener } from './listener.ts';

const names: readonly LifecycleName[] = ['buy', 'upgrade', 'cancel', 'dunning', 'refund', 'dispute'];

test.each(names)(
  'restored to any earlier moment, with all events delivered again, nothing is granted twice: %s',
  async (name) => {
    const lifecycle = lifecycles[name]();
    const all = lifecycle.events.map((_, n) => n);
    const listener = await Listener.to(lifecycle);
    const backups = [listener.state];
    for (const n of all) {
      await listener.hear(n);
      backups.push(listener.state);
    }
    const standing = await listener.standing();
    for (const backup of backups) {
      listener.state = backup;
      for (const n of all) await listener.hear(n);
      expect(await listener.standing()).toEqual(standing);
    }
  },
);
