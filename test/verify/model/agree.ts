import fc from 'fast-check';
import { expect } from 'vitest';
import type { Catalog } from '../../../shared/domain/plan.ts';
import { live } from './live.ts';
import { beginnings, life } from './lives.ts';
import { type Tally, World } from './world.ts';

/** Lives of an account per catalog, of fifty happenings each. */
const lives = 520;
const more_lives = 200;
const more_rounds = 8;

/** How long a catalog may take; a failure is shrunk in this time too. */
export const timeout_ms = 180_000;

/**
 * Lives of random accounts: after every command the domain has answered, booked and kept what the
 * model has. It also says what the lives have to come by, each at least twice: otherwise the
 * generators have missed it. What is rare may take some more lives.
 */
export function agree(catalog: Catalog, reached: readonly string[]): void {
  const tally: Tally = new Map();
  liveAll(catalog, tally, lives);
  const missed = () => reached.filter((what) => (tally.get(what) ?? 0) < 2);
  for (let round = 0; round < more_rounds && missed().length > 0; round += 1) liveAll(catalog, tally, more_lives);
  expect(missed(), 'what the lives have come by less than twice').toEqual([]);
}

function liveAll(catalog: Catalog, tally: Tally, runs: number): void {
  fc.assert(
    fc.property(beginnings, life, (beginning, happened) => {
      const world = new World(catalog, beginning, tally);
      for (const what of happened) live(world, what);
      world.finish();
    }),
    { numRuns: runs },
  );
}
