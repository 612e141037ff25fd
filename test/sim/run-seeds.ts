import { fault_kinds } from './faults.ts';
import { type Simulated, type SimulationOptions, simulate } from './simulate.ts';

const default_commands = 60;

/** Runs the seeds until one of them shows a violation, and says what it was with the shortest history that was found. */
export async function runSeeds({ from, seeds }: { from: number; seeds: number }) {
  let requests = 0;
  let events = 0;
  let commits = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const run = await simulate({ seed, commands: default_commands });
    requests += run.requests;
    events += run.events;
    commits += run.commits;
    if (run.violation !== null) return { text: await report(seed), is_sound: false };
  }
  return {
    text: `${seeds} seeds from ${from}: ${requests} requests, ${events} events of Stripe's, ${commits} commits, no violation`,
    is_sound: true,
  };
}

async function report(seed: number): Promise<string> {
  const { options, run } = await shorten({ seed, commands: default_commands });
  const { seed: _, ...narrowed } = options;
  return [`seed ${seed} ${JSON.stringify(narrowed)}`, ...run.history, String(run.violation)].join('\n');
}

/** The same seed with fewer commands and fewer kinds of faults, as long as it still shows a violation. */
async function shorten(options: SimulationOptions): Promise<{ options: SimulationOptions; run: Simulated }> {
  let best = { options, run: await simulate(options) };
  const attempt = async (narrower: SimulationOptions) => {
    const run = await simulate(narrower);
    if (run.violation !== null && run.history.length < best.run.history.length) best = { options: narrower, run };
  };
  for (const kind of fault_kinds) {
    await attempt({ ...best.options, faults: (best.options.faults ?? fault_kinds).filter((one) => one !== kind) });
  }
  for (let commands = 2; commands < (best.options.commands ?? default_commands); commands += 2) {
    await attempt({ ...best.options, commands });
  }
  return best;
}
