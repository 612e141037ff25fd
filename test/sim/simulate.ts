import { sweepShard } from '../../functions/resets/sweep-shard.ts';
import { availableIn } from '../../shared/domain/lot.ts';
import { rollForward } from '../../shared/domain/roll-forward.ts';
import { logger, metrics } from '../../shared/observability.ts';
import { Auditor, Violation } from './auditor.ts';
import { Chance } from './chance.ts';
import { MemoryTables } from './memory-tables.ts';
import { type FaultRates, no_faults, SimulatedProcess } from './process.ts';
import { type Command, contextOf, deduction, eventOf, grant, refund } from './requests.ts';
import { Timeline } from './timeline.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;
/** Months that begin on a 31st are the ones that go wrong. */
const start_at = Date.parse('2026-12-31T10:00:00.000Z');
/** A client gives up on an answer, and asks again. */
const patience_ms = 10_000;
/** What clocks are apart at most, both ways, and some room. */
const skew_ms = 11 * minute_ms;
const processes_count = 3;

/** A command and what became of it. */
interface Sent extends Command {
  /** Requests that are still without an answer: each may have happened or not, or happen yet. */
  unanswered: number;
  statuses: number[];
  /** The first success. */
  answer: string | null;
}

export interface Simulated {
  readonly requests: number;
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
  const simulation = new Simulation(options);
  return simulation.run();
}

class Simulation {
  readonly #chance: Chance;
  readonly #timeline = new Timeline(start_at);
  readonly #auditor = new Auditor(() => this.#timeline.now);
  readonly #memory: MemoryTables;
  readonly #processes: SimulatedProcess[] = [];
  readonly #sent: Sent[] = [];
  readonly #history: string[] = [];
  readonly #commands: number;
  #faults: FaultRates;
  #commits = 0;
  #requests = 0;

  constructor({ seed, commands = 60, faults }: SimulationOptions) {
    this.#chance = new Chance(seed);
    this.#commands = commands;
    this.#faults = this.#drawnFaults(faults);
    this.#memory = new MemoryTables((changes) => {
      this.#commits += 1;
      this.#tell(
        `commit ${changes.map(({ table, after }) => `${table} ${JSON.stringify(after.entry_id ?? null)}`).join(', ')}`,
      );
      this.#auditor.take(changes);
    });
  }

  async run(): Promise<Simulated> {
    const chance = this.#chance;
    const accounts = Array.from({ length: chance.between(1, 3) }, (_, n) => `acct_${n}`);
    const clients = chance.between(2, 6);
    let left = this.#commands;
    const live = async (client: number) => {
      for (let n = 0; left > 0; n += 1) {
        left -= 1;
        await this.#timeline.wait(this.#pause());
        await this.#give(this.#command(accounts, `k${client}-${n}`));
      }
    };
    const lives = Promise.all(Array.from({ length: clients }, (_, client) => live(client)));
    let is_over = false;
    const sweeps = async () => {
      while (!is_over) {
        await this.#timeline.wait(day_ms);
        this.#sweep();
        if (chance.is(0.2)) this.#sweep();
      }
    };
    void sweeps();
    void lives
      .then(() => this.#settleAll())
      .then(
        () => {
          is_over = true;
        },
        (error: unknown) => {
          is_over = true;
          this.#auditor.fail(error);
        },
      );
    await this.#timeline.run();
    this.#compare();
    const { violation } = this.#auditor;
    return { requests: this.#requests, commits: this.#commits, history: this.#history, violation };
  }

  #drawnFaults(kinds: readonly (keyof FaultRates)[] | undefined): FaultRates {
    const rate = (kind: keyof FaultRates, most: number) => {
      const drawn = this.#chance.is(0.6) ? this.#chance.random() * most : 0;
      return kinds === undefined || kinds.includes(kind) ? drawn : 0;
    };
    return {
      lost: rate('lost', 0.15),
      unanswered: rate('unanswered', 0.2),
      conflict: rate('conflict', 0.3),
      throttled: rate('throttled', 0.2),
      killed: rate('killed', 0.1),
    };
  }

  /** Mostly moments, so that requests meet; now and then days, so that periods pass. */
  #pause(): number {
    const chance = this.#chance;
    if (chance.is(0.7)) return chance.between(0, 40);
    return chance.is(0.6) ? chance.between(1, 60) * minute_ms : chance.between(1, 20 * 24) * hour_ms;
  }

  #command(accounts: readonly string[], key: string): Command {
    const chance = this.#chance;
    const account_id = accounts[chance.between(0, accounts.length - 1)] ?? 'acct_0';
    const kind = chance.random();
    if (kind < 0.1) {
      const expires_at = chance.is(0.5) ? this.#timeline.now + chance.between(1, 40) * day_ms : null;
      return grant(account_id, key, chance.between(1, 60), expires_at);
    }
    const charges = this.#sent.filter((sent) => sent.account_id === account_id && sent.entry_id.startsWith('use:'));
    const charge = charges[chance.between(0, Math.max(0, charges.length - 1))];
    if (kind < 0.25 && charge !== undefined) {
      return refund(account_id, key, charge.entry_id, chance.between(1, charge.needs));
    }
    const known = charges.filter(({ statuses }) => statuses.length > 0);
    if (kind < 0.35 && known.length > 0)
      return known[chance.between(0, known.length - 1)] ?? deduction(account_id, key, 1);
    return deduction(account_id, key, chance.is(0.2) ? chance.between(60, 120) : chance.between(1, 30));
  }

  /** Sends it until it has an answer that means something; sometimes twice at once, sometimes again long after. */
  async #give(command: Command): Promise<void> {
    const chance = this.#chance;
    const known = this.#sent.find(({ account_id, key }) => account_id === command.account_id && key === command.key);
    const sent = known ?? { ...command, unanswered: 0, statuses: [], answer: null };
    if (known === undefined) this.#sent.push(sent);
    const copies = chance.is(0.15) ? 2 : 1;
    await Promise.all(Array.from({ length: copies }, () => this.#insist(sent)));
    if (chance.is(0.1)) {
      await this.#timeline.wait(chance.oneOf([minute_ms, 10 * minute_ms, 25 * hour_ms, 35 * day_ms]));
      await this.#insist(sent);
    }
  }

  async #insist(sent: Sent): Promise<void> {
    for (let tries = 0; tries < 4; tries += 1) {
      const status = await this.#ask(sent);
      if (status !== null && status < 500) return;
      await this.#timeline.wait(this.#chance.between(1, 2_000));
    }
  }

  /** The answer's status; null when none came in time. It may still come, and is looked at then. */
  #ask(sent: Sent): Promise<number | null> {
    const began_at = this.#timeline.now;
    const running = this.#process();
    sent.unanswered += 1;
    this.#requests += 1;
    this.#tell(`${sent.account_id} asks for ${sent.entry_id} ${sent.amount ?? ''}`);
    const answered = running.credits(eventOf(sent), contextOf(this.#chance)).then((result) => {
      const status = result.statusCode ?? 0;
      sent.unanswered -= 1;
      this.#tell(`${sent.account_id} is answered ${status} for ${sent.entry_id}`);
      try {
        this.#look(sent, status, result.body ?? '', began_at);
      } catch (error) {
        this.#auditor.fail(error);
      }
      return status;
    });
    answered.catch((error: unknown) => this.#auditor.fail(error));
    return Promise.race([answered, this.#timeline.wait(patience_ms).then(() => null)]);
  }

  #look(sent: Sent, status: number, body: string, began_at: number): void {
    sent.statuses.push(status);
    const entry = this.#auditor.of(sent.account_id).entries.get(sent.entry_id);
    if (status < 300) {
      if (entry === undefined) throw new Violation('I4', `${sent.entry_id} was answered ${status} and has no entry`);
      const told: { entry_id?: unknown; amount?: unknown } = JSON.parse(body);
      if (told.entry_id !== sent.entry_id || told.amount !== entry.amount) {
        throw new Violation(
          'I3',
          `${sent.entry_id} was answered with ${String(told.entry_id)} of ${String(told.amount)}`,
        );
      }
      const line = JSON.stringify([told.entry_id, told.amount, entry.seq]);
      sent.answer ??= line;
      if (sent.answer !== line) throw new Violation('I3', `${sent.entry_id} was answered in two ways`);
    } else if (status < 500 && entry !== undefined && entryWasThere(this.#auditor, sent, began_at)) {
      throw new Violation('I3', `${sent.entry_id} has its entry and was answered ${status}`);
    } else if (status === 402) this.#checkRefusal(sent, began_at);
    else if (status === 500) throw new Violation('failure', `${sent.entry_id} was answered 500: ${body}`);
  }

  /** Credits that were there all the time that a request took are not refused. */
  #checkRefusal(sent: Sent, began_at: number): void {
    const { states } = this.#auditor.of(sent.account_id);
    const [running] = this.#processes;
    if (running === undefined) return;
    const first = states.findLastIndex(({ at }) => at <= began_at);
    if (first === -1) return;
    const is_short = states.slice(first).some(({ account }) =>
      [began_at - skew_ms, this.#timeline.now + skew_ms].some((at) => {
        const { lots } = rollForward(account, running.parts.catalog, at).account;
        return availableIn(lots) < sent.needs;
      }),
    );
    if (!is_short) throw new Violation('I5', `${sent.entry_id} was refused ${sent.needs} credits that were there`);
  }

  #process(): SimulatedProcess {
    const place = this.#chance.between(0, processes_count - 1);
    const known = this.#processes[place];
    if (known?.is_alive) return known;
    const surroundings = { timeline: this.#timeline, chance: this.#chance, memory: this.#memory };
    const fresh = new SimulatedProcess({ ...surroundings, faults: () => this.#faults });
    this.#processes[place] = fresh;
    return fresh;
  }

  #sweep(): void {
    const { parts } = this.#process();
    for (let shard = 0; shard < parts.config.sweep.due_shards; shard += 1) {
      const has_due = this.#memory.rowsOf('accounts').some(({ due_shard }) => due_shard === shard);
      // A shard that fails is swept again with the next sweep, as by its queue.
      if (has_due) sweepShard(parts, { shard, cursor: null }, () => hour_ms).catch(() => undefined);
    }
  }

  /** Without faults, whatever is not settled is asked for again until it is. */
  async #settleAll(): Promise<void> {
    this.#tell('no more faults');
    this.#faults = no_faults;
    await this.#timeline.wait(hour_ms);
    for (const sent of this.#sent) {
      const status = await this.#ask(sent);
      if (status === null || status >= 500)
        this.#auditor.fail(new Violation('I5', `${sent.entry_id} does not converge`));
    }
    await this.#timeline.wait(hour_ms);
  }

  /** The ledgers against what was sent. */
  #compare(): void {
    if (this.#auditor.violation !== null) return;
    const by_id = new Map(this.#sent.map((sent) => [`${sent.account_id} ${sent.entry_id}`, sent]));
    for (const account_id of new Set(this.#sent.map((sent) => sent.account_id))) {
      for (const { entry_id, amount, transaction_type } of this.#auditor.of(account_id).entries.values()) {
        if (['reset', 'expire'].includes(transaction_type)) continue;
        const sent = by_id.get(`${account_id} ${entry_id}`);
        if (sent === undefined && transaction_type !== 'expire') {
          this.#auditor.fail(new Violation('I4', `nobody asked for ${entry_id}`));
        } else if (sent?.amount !== amount) {
          this.#auditor.fail(new Violation('I4', `${entry_id} moved ${amount}, asked was ${sent?.amount}`));
        } else if (sent.answer === null) {
          this.#auditor.fail(new Violation('I5', `${entry_id} is there and was never answered with`));
        }
      }
    }
  }

  #tell(what: string): void {
    this.#history.push(`${new Date(this.#timeline.now).toISOString()} ${what}`);
  }
}

/** Whether the entry was committed before the request began. */
function entryWasThere(auditor: Auditor, { account_id, entry_id }: Command, began_at: number): boolean {
  const { entries, states } = auditor.of(account_id);
  const seq = entries.get(entry_id)?.seq ?? Number.POSITIVE_INFINITY;
  return states.some(({ at, account }) => at < began_at && account.seq >= seq);
}
