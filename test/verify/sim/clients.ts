import * as z from 'zod';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';
import { usedBy, Violation } from './audited.ts';
import { countsIn } from './check-usage.ts';
import { batch, type Command, commandAt, deduction, eventOf, type Meant } from './commands.ts';
import type { Answered, Ground } from './ground.ts';
import { features } from './offers.ts';
import { checkRefusal } from './refusals.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;

/** A command and what became of it. */
export interface Sent extends Command {
  /** The first success. */
  answer: string | null;
}

/** Those who ask for credits to be moved, and remember what they were told. */
export class Clients {
  readonly #ground: Ground;
  readonly #sent: Sent[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Something that somebody may mean now, under a fresh key or one that was used before. */
  command(meant: Meant): Command {
    const { chance, timeline } = this.#ground;
    const [own, of_others]: [Command[], Command[]] = [[], []];
    for (const sent of this.#sent) (sent.account_id === meant.account_id ? own : of_others).push(sent);
    return commandAt(timeline.now, chance, meant, { own, of_others });
  }

  /**
   * Sends it until it has an answer that means something; sometimes twice at once, sometimes again
   * long after.
   */
  async give(command: Command): Promise<void> {
    const { chance, timeline } = this.#ground;
    const sent = this.#known(command);
    const copies = chance.is(0.15) ? 2 : 1;
    await Promise.all(Array.from({ length: copies }, () => this.#insist([sent])));
    if (chance.is(0.1)) {
      await timeline.wait(chance.oneOf([minute_ms, 10 * minute_ms, 25 * hour_ms, 35 * day_ms]));
      await this.#insist([sent]);
    }
  }

  /** Several deductions of one account in one request. */
  async giveBatch(meant: Meant): Promise<void> {
    const { chance } = this.#ground;
    const deductions = Array.from({ length: chance.between(2, 6) }, (_, n) =>
      deduction(
        { ...meant, by_user: false, key: `${meant.key}-${n}` },
        chance.between(1, 30),
        chance.is(0.3) ? 'exports' : null,
      ),
    );
    await this.#insist(deductions.map((command) => this.#known(command)));
  }

  /** Asks for everything once more: without faults each has its answer. */
  async settle(): Promise<void> {
    for (const sent of this.#sent) {
      const answer = await this.#ask([sent]);
      if (answer === null || answer.status >= 500) {
        this.#ground.auditor.fail(new Violation('I5', `${sent.entry_id} does not converge`));
      }
    }
  }

  /** The ledgers against what was asked for. */
  compare(): void {
    const { auditor } = this.#ground;
    const by_id = new Map(this.#sent.map((sent) => [`${sent.account_id} ${sent.entry_id}`, sent]));
    for (const [account_id, { entries }] of auditor.accounts) {
      for (const entry of entries.values()) {
        if (entry.actor === 'system' || entry.actor === 'stripe') continue;
        const { entry_id } = entry;
        const sent = by_id.get(`${account_id} ${entry_id}`);
        if (sent === undefined) throw new Violation('I4', `nobody asked for ${entry_id}`);
        if (sent.amount !== movedBy(entry)) {
          throw new Violation('I4', `${entry_id} moved ${movedBy(entry)}, asked was ${sent.amount}`);
        }
        if (sent.answer === null) throw new Violation('I5', `${entry_id} is there and was never answered with`);
      }
    }
    for (const account_id of auditor.accounts.keys()) this.#compareCounters(account_id);
  }

  /**
   * Every use that was acknowledged is counted once, with its credits; after the last answers
   * nothing is left open.
   */
  #compareCounters(account_id: string): void {
    const rows = this.#ground.memory.rowsOf('usage').filter((row) => row.account_id === account_id);
    const answered = this.#sent.filter((sent) => sent.account_id === account_id && sent.answer !== null);
    for (const feature of features) {
      const counted = rows.filter(({ feature_day }) => String(feature_day).startsWith(`${feature}#`)).map(countsIn);
      const uses = answered.filter((sent) => sent.feature === feature && sent.uses > 0);
      const actual = `${sumOf(counted, 'uses')} uses of ${sumOf(counted, 'credits')} credits`;
      const credits = uses.reduce((sum, { amount }) => sum - amount, 0);
      const expected = `${sumOf(uses, 'uses')} uses of ${credits} credits`;
      if (actual !== expected) throw new Violation('I4', `${account_id}: ${feature} has ${actual}, not ${expected}`);
    }
  }

  #known(command: Command): Sent {
    const known = this.#sent.find(
      ({ account_id, entry_id }) => account_id === command.account_id && entry_id === command.entry_id,
    );
    const sent = known ?? { ...command, answer: null };
    if (known === undefined) this.#sent.push(sent);
    return sent;
  }

  async #insist(sent: readonly Sent[]): Promise<void> {
    const { timeline, chance } = this.#ground;
    for (let tries = 0; tries < 4; tries += 1) {
      const answer = await this.#ask(sent);
      if (answer !== null && answer.status < 500) return;
      await timeline.wait(chance.between(1, 2_000));
    }
  }

  #ask(sent: readonly Sent[]): Promise<Answered | null> {
    const [first] = sent;
    if (first === undefined) return Promise.resolve(null);
    const began_at = this.#ground.timeline.now;
    const named = sent.map(({ entry_id, amount }) => `${entry_id} ${amount ?? ''}`).join(', ');
    this.#ground.tell(`${first.account_id} asks for ${named}`);
    const api = first.route.endsWith('/usage') ? 'access' : 'credits';
    const event = eventOf(sent.length === 1 ? first : batch(sent), this.#ground.config.accounts.claim);
    return this.#ground.request(api, event, (answer) => {
      this.#ground.tell(`${first.account_id} is answered ${answer.status} for ${named}`);
      if (sent.length === 1) return this.#look(first, answer, began_at);
      if (answer.status !== 200) return this.#ground.checkNoFailure(named, answer);
      const { results } = batch_answer.parse(JSON.parse(answer.body));
      for (const [place, { transaction, problem }] of results.entries()) {
        const one = sent[place];
        if (one !== undefined)
          this.#look(one, { status: problem?.status ?? 200, body: JSON.stringify(transaction ?? problem) }, began_at);
      }
    });
  }

  #look(sent: Sent, answer: Answered, began_at: number): void {
    const { auditor, timeline } = this.#ground;
    const { account_id, entry_id } = sent;
    const { status, body } = answer;
    const { entries, kept, committed_at } = auditor.of(account_id);
    const entry = entries.get(entry_id);
    const booked = entry === undefined ? kept.get(entry_id) : { ...entry, status: 'released' };
    if (status < 300) {
      if (sent.is_foreign) throw new Violation('I8', `${entry_id} is another account's, and ${account_id} has it`);
      if (booked === undefined) throw new Violation('I4', `${entry_id} was answered ${status} and has no entry`);
      const line = sent.lineOf(JSON.parse(body));
      if (line !== sent.lineOf(booked)) throw new Violation('I3', `${entry_id} was answered ${line}`);
      const seen = `${line} ${entry?.seq}`;
      sent.answer ??= seen;
      if (sent.answer !== seen) throw new Violation('I3', `${entry_id} was answered in two ways`);
    } else if (status < 500 && (committed_at.get(entry_id) ?? Number.POSITIVE_INFINITY) < began_at) {
      throw new Violation('I3', `${entry_id} has its entry and was answered ${status}`);
    } else if (status === 402) checkRefusal(auditor, sent, body, { began_at, ended_at: timeline.now });
    else this.#ground.checkNoFailure(entry_id, answer);
  }
}

const batch_answer = z.object({
  results: z.array(
    z.object({ transaction: z.unknown().optional(), problem: z.looseObject({ status: z.int() }).optional() }),
  ),
});

/** What of the account's credits, or of an unlimited plan's use, an entry has moved. */
function movedBy(entry: Entry): number {
  return entry.amount > 0 || entry.transaction_type === 'refund' ? usedBy(entry) : -usedBy(entry);
}

function sumOf<K extends string>(counted: readonly Readonly<Record<K, number>>[], key: K): number {
  return counted.reduce((sum, one) => sum + one[key], 0);
}
