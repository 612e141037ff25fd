import * as z from 'zod';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';
import { utcDay } from '../../../shared/domain/units.ts';
import { type KeptAnswer, usedBy, Violation } from './audited.ts';
import type { Change, Item } from './memory-tables.ts';

interface Counted {
  readonly uses: number;
  readonly credits: number;
}

/**
 * I1: counters move by what the same commit has charged for their features, or by a use whose
 * answer it keeps, and by nothing else.
 */
export function checkCounters(
  changes: readonly Change[],
  entries: readonly Entry[],
  kept: ReadonlyMap<string, KeptAnswer>,
): void {
  const expected = new Map<string, Counted>();
  for (const entry of entries) {
    const credits = usedBy(entry);
    if (entry.transaction_type !== 'usage' || entry.feature === undefined || credits === 0) continue;
    const counter = `${entry.feature}#${utcDay(entry.created_at)}`;
    const before = expected.get(counter) ?? { uses: 0, credits: 0 };
    expected.set(counter, { uses: before.uses + 1, credits: before.credits + credits });
  }
  const moved = new Map(
    changes
      .filter(({ table }) => table === 'usage')
      .map(({ before, after }) => [String(after.feature_day), { before: countsIn(before), after: countsIn(after) }]),
  );
  for (const [key, answer] of kept) {
    const { feature, date, count } = answer;
    const counter = moved.get(`${String(feature)}#${String(date)}`);
    if (counter === undefined || counter.after.uses !== count || counter.before.uses >= counter.after.uses) {
      throw new Violation('I4', `${key} says ${String(count)} and the counter goes to ${counter?.after.uses}`);
    }
    expected.set(`${String(feature)}#${String(date)}`, { uses: counter.after.uses - counter.before.uses, credits: 0 });
  }
  for (const counter of new Set([...expected.keys(), ...moved.keys()])) {
    const { before, after } = moved.get(counter) ?? { before: countsIn(undefined), after: countsIn(undefined) };
    const actual: Counted = { uses: after.uses - before.uses, credits: after.credits - before.credits };
    const { uses, credits } = expected.get(counter) ?? { uses: 0, credits: 0 };
    if (actual.uses !== uses || actual.credits !== credits) {
      throw new Violation(
        'I1',
        `${counter} moves by ${actual.uses} uses and ${actual.credits} credits, not ${uses} and ${credits}`,
      );
    }
  }
}

const counts = z
  .object({ use_count: z.int().default(0), credits: z.int().default(0) })
  .transform(({ use_count, credits }): Counted => ({ uses: use_count, credits }));

/** What a counter's row says; none says nothing. */
export function countsIn(row: Item | undefined): Counted {
  return counts.parse(row ?? {});
}
