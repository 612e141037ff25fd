import { expect } from 'vitest';
import { DomainError } from '../../../shared/domain/errors.ts';
import { balanceOf } from '../../../shared/domain/ledger/lot.ts';
import { verification_start, verifyEntry, verifyHead } from '../../../shared/domain/ledger/verify.ts';
import type { Catalog } from '../../../shared/domain/plan.ts';
import { dueAt, rollForward } from '../../../shared/domain/time/roll-forward.ts';
import { Ledger, type Result } from './ledger.ts';
import { type Answer, type Order, obey } from './orders.ts';
import { newState, type State } from './state.ts';
import { nextMoment } from './time.ts';
import { entryView, lineView, viewOfLedger, viewOfModel } from './views.ts';

/** How often something was seen. */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** One account twice, by the domain and by the model: whatever happens must leave both the same. */
export class World {
  readonly catalog: Catalog;
  readonly tally: Tally;
  now: number;
  model: State;
  readonly ledger: Ledger;
  /** All that was ever asked for. */
  readonly orders: Order[] = [];

  constructor(catalog: Catalog, now: number, tally: Tally) {
    this.catalog = catalog;
    this.tally = tally;
    this.now = now;
    this.model = newState(catalog, now);
    this.ledger = new Ledger(catalog, now);
    this.order({ kind: 'roll' });
  }

  order(order: Order): void {
    this.#record(order, this.#obey(order), this.ledger.transact(order, this.now));
  }

  /** Several that come together. */
  orderAll(orders: readonly Order[]): void {
    const answers = orders.map((order) => this.#obey(order));
    const results = this.ledger.transactAll(orders, this.now);
    expect(results.length).toBe(orders.length);
    for (const [place, order] of orders.entries()) {
      this.#record(order, answers[place] ?? null, results[place] ?? null);
    }
    this.compare();
  }

  #obey(order: Order): Answer {
    const { state, answer } = obey(this.model, order, this.now);
    if (answer.is === 'accepted') for (const what of state.seen) count(this.tally, what);
    this.model = state;
    return answer;
  }

  #record(order: Order, answer: Answer | null, result: Result | null): void {
    this.orders.push(order);
    if (answer === null || result === null) throw new Error('each order has its answer');
    same(`the answer to ${order.kind}`, plainResult(result), plainAnswer(answer));
    count(this.tally, answer.is === 'refused' ? `${order.kind}: ${answer.code}` : `${order.kind}: ${answer.is}`);
  }

  /** The ledgers, and what can be seen of both accounts now. */
  compare(): void {
    const { ledger, model } = this;
    const from = this.#compared;
    same(
      'the entries',
      ledger.entries.slice(from).map(entryView),
      model.lines.slice(from).map((line, place) => lineView(model, line, from + place)),
    );
    this.#compared = model.lines.length;
    same('the account', viewOfLedger(ledger, this.catalog, this.now), viewOfModel(model, this.now));
    same('due at', dueAt(ledger.account, this.catalog), nextMoment(model));
  }

  #compared = 0;

  /** What a read would show then; and the same if so much is due that it is brought about in pieces. */
  lookAhead(ms: number): void {
    const at = this.now + ms;
    same('the account ahead', viewOfLedger(this.ledger, this.catalog, at), viewOfModel(this.model, at));
    const once = rollForward(this.ledger.account, this.catalog, at);
    let { account } = this.ledger;
    for (let pieces = 0; pieces <= once.entries.length; pieces += 1) {
      account = rollForward(account, this.catalog, at, 1).account;
    }
    same('the account rolled in pieces', account, once.account);
  }

  /** The chain of hashes, and the counted uses. */
  finish(): void {
    const { account, entries, uses } = this.ledger;
    const verification = entries.reduce(verifyEntry, verification_start);
    same('problems', verifyHead(verification, { ...account, balance: balanceOf(account.lots) }), []);
    same('uses', totals(uses), totals(this.model.uses.map((use) => ({ ...use, count: 1 }))));
  }
}

function totals(uses: readonly { feature: string; day: string; count: number; credits: number }[]): string[] {
  const sums = new Map<string, [number, bigint]>();
  for (const { feature, day, count: times, credits } of uses) {
    const [all_times, all_credits] = sums.get(`${day} ${feature}`) ?? [0, 0n];
    sums.set(`${day} ${feature}`, [all_times + times, all_credits + BigInt(credits)]);
  }
  return [...sums].map(([key, sum]) => `${key} ${sum.join(' ')}`).toSorted();
}

function plainResult(result: Result): object {
  if (typeof result === 'string') return { is: result };
  if (!(result instanceof DomainError)) return { is: 'refused', code: result.kind, ...numbersOf({}) };
  return { is: 'refused', code: result.code, ...numbersOf(result.members) };
}

function plainAnswer(answer: Answer): object {
  if (answer.is !== 'refused') return { is: answer.is };
  return { is: 'refused', code: asked[answer.code] ?? answer.code, ...numbersOf({ ...answer }) };
}

/** Where the model says why it cannot tell, the domain asks Stripe. */
const asked: Readonly<Record<string, string>> = {
  unknown_subscription: 'subscription',
  ambiguous_snapshot: 'subscription',
  other_subscription_live: 'current_subscription',
};

/** What a refusal says beside its code, as far as the model says it. */
function numbersOf(said: Record<string, unknown>) {
  const { required = null, available_credits = null, refundable_credits = null } = said;
  return { required, available_credits, refundable_credits };
}

/** Compares by the text first, which is quicker; what differs is told in full. */
function same(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  expect(actual, what).toEqual(expected);
  throw new Error(`${what}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}
