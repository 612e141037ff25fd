import { Buyers, type Person } from './buyers.ts';
import type { Chance } from './chance.ts';
import { Clients } from './clients.ts';
import type { Ground } from './ground.ts';
import { features } from './offers.ts';
import { Seller } from './seller.ts';
import { Settings } from './settings.ts';
import { checkStandings } from './standing.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;
const members_count = 3;

/** How many accounts there are, and who does something about them. */
interface Size {
  readonly accounts: number;
  readonly clients: number;
  readonly buyers: number;
  readonly commands: number;
  /** The longest time that somebody does nothing. */
  readonly pause_days: number;
}

/** Of eight runs one is crowded; in the others few accounts meet often. */
function drawnSize(chance: Chance): Size {
  const pause_days = chance.oneOf([20, 20, 60]);
  return chance.is(1 / 8)
    ? { accounts: chance.between(20, 40), clients: chance.between(8, 16), buyers: 4, commands: 150, pause_days }
    : { accounts: chance.between(1, 3), clients: chance.between(2, 6), buyers: 1, commands: 60, pause_days };
}

/** Everybody's months, and the comparison at their end. */
export class Lives {
  readonly #ground: Ground;
  readonly #clients: Clients;
  readonly #buyers: Buyers;
  readonly #settings: Settings;
  readonly #size: Size;
  /** Commands that are still to be given. */
  #left: number;
  #is_over = false;

  constructor(ground: Ground, commands?: number) {
    this.#ground = ground;
    this.#clients = new Clients(ground);
    this.#buyers = new Buyers(ground, new Seller(ground));
    this.#settings = new Settings(ground);
    this.#size = drawnSize(ground.chance);
    this.#left = commands ?? this.#size.commands;
  }

  async toTheEnd(): Promise<void> {
    const { clients, buyers } = this.#size;
    const lives = [
      ...Array.from({ length: clients }, (_, client) => this.#ask(client)),
      ...Array.from({ length: buyers }, (_, buyer) => this.#buy(buyer)),
      this.#set(),
    ];
    await Promise.all([Promise.all(lives).then(() => this.#stop()), this.#days()]);
    const { timeline, auditor, stripe } = this.#ground;
    this.#ground.endFaults();
    await timeline.wait(5 * day_ms);
    this.#ground.reconcile('all');
    await timeline.wait(hour_ms);
    this.#ground.sweep();
    await this.#clients.settle();
    await timeline.wait(hour_ms);
    await this.#settings.compare();
    if (auditor.violation !== null) return;
    this.#clients.compare();
    checkStandings(auditor, stripe.world);
  }

  /** One client's commands. */
  async #ask(client: number): Promise<void> {
    const { timeline, chance, config } = this.#ground;
    for (let n = 0; this.#left > 0; n += 1) {
      this.#left -= 1;
      await timeline.wait(pause(chance, this.#size.pause_days));
      const by_user = config.spending.by_users && chance.is(0.6);
      const meant = { ...this.#anyone(), by_user, key: `k${client}-${n}` };
      const kind = chance.random();
      if (kind < 0.05) await this.#clients.giveBatch(meant);
      else if (kind < 0.1) await this.#settings.askFor(meant.account_id, chance.oneOf(features));
      else await this.#clients.give(this.#clients.command(meant));
    }
  }

  async #buy(buyer: number): Promise<void> {
    const { timeline, chance } = this.#ground;
    for (let n = 0; this.#left > 0; n += 1) {
      await timeline.wait(chance.is(0.3) ? chance.between(1, 60_000) : chance.between(1, 5 * 24) * hour_ms);
      await this.#buyers.act(this.#anyone(), `b${buyer}-${n}`);
    }
  }

  async #set(): Promise<void> {
    const { timeline, chance } = this.#ground;
    while (this.#left > 0) {
      await timeline.wait(chance.is(0.3) ? chance.between(1, 60_000) : chance.between(1, 10 * 24) * hour_ms);
      const { account_id, member } = this.#anyone();
      await this.#settings.act(account_id, member === account_id ? null : member);
    }
  }

  #stop(): void {
    this.#is_over = true;
  }

  /** Also while nobody does anything any more but wait. */
  async #days(): Promise<void> {
    const { timeline, chance } = this.#ground;
    for (let day = 1; !this.#is_over; day += 1) {
      await timeline.wait(day_ms);
      if (day % 7 === 0) await this.#ground.recover();
      this.#ground.sweep();
      if (chance.is(0.2)) this.#ground.sweep();
      this.#ground.reconcile('due');
    }
  }

  /** A user, or a member of an organisation. */
  #anyone(): Person {
    const { chance, config } = this.#ground;
    const account_id = `acct_${chance.between(0, this.#size.accounts - 1)}`;
    const is_shared = config.accounts.claim !== 'sub';
    return { account_id, member: is_shared ? `user_${chance.between(0, members_count - 1)}` : account_id };
  }
}

/** Mostly moments, so that requests meet; now and then days, so that periods pass. */
function pause(chance: Chance, most_days: number): number {
  if (chance.is(0.7)) return chance.between(0, 40);
  return chance.is(0.6) ? chance.between(1, 60) * minute_ms : chance.between(1, most_days * 24) * hour_ms;
}
