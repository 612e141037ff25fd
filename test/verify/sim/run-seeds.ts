import { fault_kinds } from './faults.ts';
import { type Simulated, type SimulationOptions, simulate } from './simulate.ts';
import { describe, nothing, sumOf } from './totals.ts';

/** The most that a run's seed draws. */
const commands_max = 150;
const seeds_between_progress = 500;

interface Seeds {
  readonly from: number;
  readonly seeds: number;
  /** Whether a shorter history is looked for, which takes some dozens of runs. */
  readonly shortens?: boolean;
  /** Hears now and then how far it is. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Runs the seeds until one of them shows a violation, and says what it was with the shortest
 * history that was found.
 */
export async function runSeeds({
  from,
  seeds,
  shortens = true,
  onProgress,
}: Seeds): Promise<{ text: string; is_sound: boolean }> {
  let totals = nothing;
  for (let done = 0; done < seeds; done += 1) {
    if (done > 0 && done % seeds_between_progress === 0) onProgress?.(`${done} of ${seeds} seeds: ${describe(totals)}`);
    const run = await simulate({ seed: from + done });
    if (run.violation !== null) {
      const found = { options: { seed: from + done }, run };
      return { text: report(shortens ? await shorten(found) : found), is_sound: false };
    }
    totals = sumOf(totals, run.totals);
  }
  return { text: `${seeds} seeds from ${from}, no violation: ${describe(totals)}`, is_sound: true };
}

interface Found {
  readonly options: SimulationOptions;
  readonly run: Simulated;
}

function report({ options: { seed, ...narrowed }, run }: Found): string {
  return [`seed ${seed} ${JSON.stringify(narrowed)}`, ...run.history, String(run.violation)].join('\n');
}

/**
 * The same seed with fewer commands and fewer kinds of faults, as long as it still shows a
 * violation.
 */
async function shorten(found: Found): Promise<Found> {
  let best = found;
  const isShorter = async (narrower: SimulationOptions) => {
    const narrowed = await simulate(narrower);
    const is_shorter = narrowed.violation !== null && narrowed.history.length < best.run.history.length;
    if (is_shorter) best = { options: narrower, run: narrowed };
    return is_shorter;
  };
  for (const kind of fault_kinds) {
    await isShorter({ ...best.options, faults: (best.options.faults ?? fault_kinds).filter((one) => one !== kind) });
  }
  for (let commands = 2; commands < commands_max; commands = Math.ceil(commands * 1.2)) {
    if (await isShorter({ ...best.options, commands })) break;
  }
  return best;
}
