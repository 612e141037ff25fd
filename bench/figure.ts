import * as z from 'zod';

/** The goal of a figure. */
const goal_schema = z.union([z.object({ at_most: z.number() }), z.object({ at_least: z.number() })]);

export const figure_schema = z.object({
  name: z.string(),
  /** The median of all rounds. A count or size that cannot vary has one round. */
  median: z.number(),
  low: z.number(),
  high: z.number(),
  rounds: z.int(),
  goal: goal_schema.nullable(),
});

export type Goal = z.infer<typeof goal_schema>;
export type Figure = z.infer<typeof figure_schema>;

/** The figure of these rounds. */
export function figure(name: string, rounds: readonly number[], goal: Goal | null = null): Figure {
  return {
    name,
    median: median(rounds),
    low: Math.min(...rounds),
    high: Math.max(...rounds),
    rounds: rounds.length,
    goal,
  };
}

/** Whether the figure reaches its goal; null if it has none. */
export function isReached({ median, goal }: Figure): boolean | null {
  if (goal === null) return null;
  return 'at_most' in goal ? median <= goal.at_most : median >= goal.at_least;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('a median needs a value');
  return (low + high) / 2;
}
