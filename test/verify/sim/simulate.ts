import { logger, metrics } from '../../../shared/observability.ts';
import type { Violation } from './audited.ts';
import { Chance } from './chance.ts';
import type { FaultKind } from './faults.ts';
import { Ground } from './ground.ts';
import { Lives } from './lives.ts';
import { Timeline } from './timeline.ts';
import type { Totals } from './totals.ts';
import { withVirtualTimers } from './virtual-timers.ts';

/** Months that begin on a 31st are the ones that go wrong, and the next is the shortest. */
const start_at = Date.parse('2027-01-31T10:00:00.000Z');

export interface Simulated {
  readonly totals: Totals;
  /** Everything that happened, in its order. */
  readonly history: readonly string[];
  readonly violation: Violation | null;
}

export interface SimulationOptions {
  readonly seed: number;
  /** How many commands clients mean to give; what the seed draws unless given. */
  readonly commands?: number;
  /** Only these faults; all of them unless given. */
  readonly faults?: readonly FaultKind[];
}

/** One run: a function of its seed. */
export async function simulate({ seed, commands, faults }: SimulationOptions): Promise<Simulated> {
  const timeline = new Timeline(start_at);
  const chance = new Chance(seed);
  return inSilence(() =>
    withVirtualTimers(timeline, chance, async () => {
      const ground = new Ground(timeline, chance, faults);
      const lives = new Lives(ground, commands);
      let is_over = false;
      const over = lives.toTheEnd().then(
        () => {
          is_over = true;
        },
        (error: unknown) => {
          is_over = true;
          ground.auditor.fail(error);
        },
      );
      // Stripe's agenda has no end: subscriptions renew for ever.
      await timeline.run(() => is_over || ground.auditor.violation !== null);
      if (ground.auditor.violation === null) await over;
      return { totals: ground.totals, history: ground.history, violation: ground.auditor.violation };
    }),
  );
}

/** Does the work without logs and metrics. */
async function inSilence<T>(work: () => Promise<T>): Promise<T> {
  const level = logger.getLevelName();
  logger.setLogLevel('SILENT');
  Object.assign(metrics, silent_metrics);
  try {
    return await work();
  } finally {
    logger.setLogLevel(level);
    // The methods of its class are there again.
    for (const name of Object.keys(silent_metrics)) Reflect.deleteProperty(metrics, name);
  }
}

const silent_metrics = {
  addDimension: () => metrics,
  addMetric: () => metrics,
  addMetadata: () => metrics,
  publishStoredMetrics: () => metrics,
};
