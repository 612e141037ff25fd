import { logger, metrics } from '../../shared/observability.ts';
import type { Violation } from './auditor.ts';
import { Buyers } from './buyers.ts';
import { Chance } from './chance.ts';
import { Clients } from './clients.ts';
import type { FaultRates } from './faults.ts';
import { Ground } from './ground.ts';
import { deduction } from './requests.ts';
import { checkStandings } from './standing.ts';
import { Timeline } from './timeline.ts';
import { withVirtualTimers } from './virtual-timers.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;
/** Months that begin on a 31st are the ones that go wrong. */
const start_at = Date.parse('2026-12-31T10:00:00.000Z');

export interface Simulated {
  readonly requests: number;
  readonly events: number;
  readonly commits: number;
  /** Everything that happened, in its order. */
  readonly history: readonly string[];
  readonly violation: Violation | null;
}

export interface SimulationOptions {
  readonly seed: number;
  /** How many commands clients mean to give. */
  readonly commands?: number;
  /** Only these faults; all of them unless given. */
  readonly faults?: readonly (keyof FaultRates)[];
}

/** One run: a function of its seed. */
export async function simulate(options: SimulationOptions): Promise<Simulated> {
  logger.setLogLevel('SILENT');
  metrics.addDimension = () => metrics;
  metrics.addMetric = () => metrics;
  metrics.publishStoredMetrics = () => metrics;
  const timeline = new Timeline(start_at);
  const chance = new Chance(options.seed);
  return withVirtualTimers(timeline, chance, () => live(options, timeline, chance));
}

async function live(
  { commands = 60, faults }: SimulationOptions,
  timeline: Timeline,
  chance: Chance,
): Promise<Simulated> {
  const ground = new Ground(timeline, chance, faults);
  const clients = new Clients(ground);
  const buyers = new Buyers(ground);
  const accounts = Array.from({ length: chance.between(1, 3) }, (_, n) => `acct_${n}`);
  const anyone = () => accounts[chance.between(0, accounts.length - 1)] ?? 'acct_0';
  let left = commands;
  const ask = async (client: number) => {
    for (let n = 0; left > 0; n += 1) {
      left -= 1;
      await timeline.wait(pause(chance));
      const account_id = anyone();
      const key = `k${client}-${n}`;
      if (chance.is(0.05)) {
        await clients.giveBatch(
          Array.from({ length: chance.between(2, 6) }, (_, m) =>
            deduction(account_id, `${key}-${m}`, chance.between(1, 30)),
          ),
        );
      } else await clients.give(clients.command(account_id, key));
    }
  };
  const buy = async () => {
    for (let n = 0; left > 0; n += 1) {
      await timeline.wait(chance.is(0.3) ? chance.between(1, 60_000) : chance.between(1, 5 * 24) * hour_ms);
      await buyers.act(anyone(), `b-${n}`);
    }
  };
  const days = async () => {
    for (let day = 1; left > 0; day += 1) {
      await timeline.wait(day_ms);
      if (day % 7 === 0) await ground.recover();
      ground.sweep();
      if (chance.is(0.2)) ground.sweep();
      ground.reconcile('due');
    }
  };
  const lives = [...Array.from({ length: chance.between(2, 6) }, (_, client) => ask(client)), buy(), days()];
  const end = async () => {
    await Promise.all(lives);
    ground.endFaults();
    await timeline.wait(5 * day_ms);
    ground.reconcile('all');
    await timeline.wait(hour_ms);
    ground.sweep();
    await clients.settle();
    await timeline.wait(hour_ms);
    if (ground.auditor.violation !== null) return;
    clients.compare();
    checkStandings(ground.auditor, ground.stripe.world);
  };
  let is_over = false;
  const over = end().then(
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
  const { history, commits, events } = ground;
  return {
    requests: clients.requests + buyers.requests,
    events,
    commits,
    history,
    violation: ground.auditor.violation,
  };
}

/** Mostly moments, so that requests meet; now and then days, so that periods pass. */
function pause(chance: Chance): number {
  if (chance.is(0.7)) return chance.between(0, 40);
  return chance.is(0.6) ? chance.between(1, 60) * minute_ms : chance.between(1, 20 * 24) * hour_ms;
}
