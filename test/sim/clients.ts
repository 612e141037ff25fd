import * as z from 'zod';
import { availableCredits } from '../../shared/domain/account.ts';
import type { Entry } from '../../shared/domain/entry.ts';
import { rollForward } from '../../shared/domain/roll-forward.ts';
import { type Auditor, usedBy, Violation } from './auditor.ts';
import { catalog } from './catalog.ts';
import type { Answered, Ground } from './ground.ts';
import { batch, type Command, commandAt, eventOf } from './requests.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;
/** What clocks are apart at most, both ways, and some room. */
const skew_ms = 11 * minute_ms;

/** A command and what became of it. */
export interface Sent extends Command {
  statuses: number[];
  /** The first success. */
  answer: string | null;
}

/** Those who ask for credits to be moved, and remember what they were told. */
export class Clients {
  requests = 0;
  readonly #ground: Ground;
  readonly #sent: Sent[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Something that somebody may mean now, under a fresh key or one that was used before. */
  command(account_id: string, key: string): Command {
    const { chance, timeline } = this.#ground;
    return commandAt(
      timeline.now,
      chance,
      { account_id, key },
      this.#sent.filter((sent) => sent.account_id === account_id),
    );
  }

  /** Sends it until it has an answer that means something; sometimes twice at once, sometimes again long after. */
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
  async giveBatch(commands: readonly Command[]): Promise<void> {
    await this.#insist(commands.map((command) => this.#known(command)));
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
  }

  #known(command: Command): Sent {
    const known = this.#sent.find(
      ({ account_id, entry_id }) => account_id === command.account_id && entry_id === command.entry_id,
    );
    const sent = known ?? { ...command, statuses: [], answer: null };
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
    this.requests += 1;
    const named = sent.map(({ entry_id, amount }) => `${entry_id} ${amount ?? ''}`).join(', ');
    this.#ground.tell(`${first.account_id} asks for ${named}`);
    return this.#ground.ask('credits', eventOf(sent.length === 1 ? first : batch(sent)), (answer) => {
      this.#ground.tell(`${first.account_id} is answered ${answer.status} for ${named}`);
      if (sent.length === 1) return this.#look(first, answer, began_at);
      if (answer.status !== 200) return this.#ground.checkNoFailure(named, answer);
      const { results } = batch_answer.parse(JSON.parse(answer.body));
      for (const [place, { transaction, problem }] of results.entries()) {
        const one = sent[place];
        if (one !== undefined)
          this.#look(one, { status: problem?.status ?? 200, body: JSON.stringify(transaction) }, began_at);
      }
    });
  }

  #look(sent: Sent, answer: Answered, began_at: number): void {
    const { auditor } = this.#ground;
    const { status, body } = answer;
    sent.statuses.push(status);
    const entry = auditor.of(sent.account_id).entries.get(sent.entry_id);
    if (status < 300) {
      if (entry === undefined) throw new Violation('I4', `${sent.entry_id} was answered ${status} and has no entry`);
      const line = sent.lineOf(JSON.parse(body));
      if (line !== sent.lineOf({ ...entry, status: 'released' }))
        throw new Violation('I3', `${sent.entry_id} was answered ${line}`);
      sent.answer ??= `${line} ${entry.seq}`;
      if (sent.answer !== `${line} ${entry.seq}`)
        throw new Violation('I3', `${sent.entry_id} was answered in two ways`);
    } else if (status < 500 && entry !== undefined && entryWasThere(auditor, sent, began_at)) {
      throw new Violation('I3', `${sent.entry_id} has its entry and was answered ${status}`);
    } else if (status === 402) this.#checkRefusal(sent, began_at);
    else this.#ground.checkNoFailure(sent.entry_id, answer);
  }

  /** Credits that were there all the time that a request took are not refused. */
  #checkRefusal(sent: Sent, began_at: number): void {
    const { auditor, timeline } = this.#ground;
    const { states } = auditor.of(sent.account_id);
    const first = states.findLastIndex(({ at }) => at <= began_at);
    if (first === -1) return;
    const is_short = states.slice(first).some(({ account }) =>
      [began_at - skew_ms, timeline.now + skew_ms].some((at) => {
        const available = availableCredits(rollForward(account, catalog, at).account, catalog, at);
        return available !== null && available < sent.needs;
      }),
    );
    if (!is_short) throw new Violation('I5', `${sent.entry_id} was refused ${sent.needs} credits that were there`);
  }
}

const batch_answer = z.object({
  results: z.array(
    z.object({ transaction: z.unknown().optional(), problem: z.object({ status: z.int() }).optional() }),
  ),
});

/** What of the account's credits, or of an unlimited plan's use, an entry has moved. */
function movedBy(entry: Entry): number {
  return entry.amount > 0 || entry.transaction_type === 'refund' ? usedBy(entry) : -usedBy(entry);
}

/** Whether the entry was committed before the request began. */
function entryWasThere(auditor: Auditor, { account_id, entry_id }: Command, began_at: number): boolean {
  const { entries, states } = auditor.of(account_id);
  const seq = entries.get(entry_id)?.seq ?? Number.POSITIVE_INFINITY;
  return states.some(({ at, account }) => at < began_at && account.seq >= seq);
}
