import { type Figure, type Goal, isReached } from './figure.ts';

/** Figures by their engine; `functions` are those that need none. */
export type Figures = Readonly<Record<string, readonly Figure[]>>;

/**
 * One object: per engine and figure its median, range and goal, and whether the goal is reached.
 */
export function toJson(figures: Figures): object {
  const described = (figure: Figure) => {
    const { name, ...measured } = figure;
    return [name, { ...measured, reached: isReached(figure) }];
  };
  return Object.fromEntries(
    Object.entries(figures).map(([engine, measured]) => [engine, Object.fromEntries(measured.map(described))]),
  );
}

/** One line per figure: goal, median, range, and a mark where the goal is missed. */
export function toTable(figures: Figures): string {
  return Object.entries(figures)
    .flatMap(([engine, measured]) => [engine, ...measured.map(toLine), ''])
    .join('\n');
}

function toLine(figure: Figure): string {
  const { name, goal, median, low, high, rounds } = figure;
  const range = rounds === 1 ? '' : `${toText(low)} – ${toText(high)}`;
  const missed = isReached(figure) === false ? 'missed' : '';
  const cells = [name.padEnd(27), toGoalText(goal).padStart(7), toText(median).padStart(8), range.padStart(15), missed];
  return `  ${cells.join('  ')}`.trimEnd();
}

function toGoalText(goal: Goal | null): string {
  if (goal === null) return '';
  return 'at_most' in goal ? `≤ ${goal.at_most}` : `≥ ${goal.at_least}`;
}

function toText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 2 : 0);
}
