import { decideFeatureOverride } from '../../../shared/domain/access/decide-feature-override.ts';
import { type Account, newAccount } from '../../../shared/domain/account/account.ts';
import type { Draft } from '../../../shared/domain/account/draft.ts';
import { type Member, newMember } from '../../../shared/domain/account/member.ts';
import { no_rows, type RowKey, type Rows } from '../../../shared/domain/account/rows.ts';
import { decideCustomer } from '../../../shared/domain/billing/decide-customer.ts';
import { decideSubscription, type SubscriptionFacts } from '../../../shared/domain/billing/decide-subscription.ts';
import { type DomainError, refusal } from '../../../shared/domain/errors.ts';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';
import type { Catalog } from '../../../shared/domain/plan.ts';
import { decideDeduct } from '../../../shared/domain/spend/decide-deduct.ts';
import { decideGrant } from '../../../shared/domain/spend/decide-grant.ts';
import { decideHold } from '../../../shared/domain/spend/decide-hold.ts';
import { decideMemberCap } from '../../../shared/domain/spend/decide-member-cap.ts';
import { decideRefund } from '../../../shared/domain/spend/decide-refund.ts';
import { decideRelease } from '../../../shared/domain/spend/decide-release.ts';
import { decideSettle } from '../../../shared/domain/spend/decide-settle.ts';
import {
  type Decide,
  decideNothing,
  isRow,
  type StripeQuestion,
  type UsageIncrement,
} from '../../../shared/domain/time/decision.ts';
import { presentOf } from '../../../shared/domain/time/present.ts';
import { type Command, decideGroup } from '../../../shared/store/decide-group.ts';
import { entryIdOf, fingerprintOf, type Order } from './orders.ts';

/** What became of a command of the domain. */
export type Result = 'accepted' | 'replayed' | DomainError | StripeQuestion;

/** A decision that has all that it asked for. */
type Decided =
  | { readonly draft: Draft; readonly usage: UsageIncrement | undefined; readonly refused: undefined }
  | { readonly draft: undefined; readonly usage: undefined; readonly refused: DomainError | StripeQuestion };

/** One account of the domain and its rows, kept as the store keeps them. */
export class Ledger {
  readonly #catalog: Catalog;
  account: Account;
  readonly entries: Entry[] = [];
  readonly uses: UsageIncrement[] = [];
  readonly members = new Map<string, Member>();
  readonly #by_id = new Map<string, Entry>();
  readonly #refunded = new Map<string, number>();

  constructor(catalog: Catalog, now: number) {
    this.#catalog = catalog;
    this.account = newAccount('u_1', catalog, now);
  }

  transact(order: Order, now: number): Result {
    return this.#transact(this.#commandOf(order), now);
  }

  #transact(command: Command, now: number): Result {
    const { draft, usage, refused } = this.#decide(command, now);
    const again = this.#again(command);
    if (again !== null) return again;
    if (draft === undefined) return refused;
    this.#commit(draft.account, draft.entries, usage === undefined ? [] : [usage], now);
    return 'accepted';
  }

  /** Decided in order and committed together, as the store does with what comes together. */
  transactAll(orders: readonly Order[], now: number): Result[] {
    const results = new Map<Command, Result>();
    const commands = orders.map((order) => this.#commandOf(order));
    let left: readonly Command[] = commands;
    let rows = no_rows;
    while (left.length > 0) {
      const stored = { ...this.account, rows };
      const group = decideGroup(stored, presentOf(stored, this.#catalog, now), left);
      if (group.asks.length > 0) {
        for (const key of group.asks) rows = this.#withRow(rows, key);
        continue;
      }
      // An entry that exists cancels the transaction: it is answered, and the others go again.
      const repeated = left.filter((command) => this.#again(command) !== null);
      for (const command of repeated) results.set(command, this.#again(command) ?? 'replayed');
      left = left.filter((command) => !repeated.includes(command));
      if (repeated.length > 0) continue;
      // So much has fallen due that it fills a transaction alone.
      const [next] = group.deferred.length === left.length ? left : [];
      if (next !== undefined) {
        results.set(next, this.#transact(next, now));
        left = left.slice(1);
        rows = no_rows;
        continue;
      }
      for (const { command, error } of group.refused) results.set(command, error);
      for (const { command, question } of group.asking) results.set(command, question);
      for (const { command } of group.accepted) results.set(command, 'accepted');
      const { account, entries, usage } = group.commit;
      // The store commits what time has done with refusals alone, too. Here the next order does it, as in the model.
      if (account !== null && group.accepted.length > 0) this.#commit(account, entries, usage, now);
      left = group.deferred;
      rows = no_rows;
    }
    return commands.flatMap((command) => results.get(command) ?? []);
  }

  #decide(command: Command, now: number): Decided {
    let rows = no_rows;
    for (let asked = 0; asked < 5; asked += 1) {
      const decision = command.decide(presentOf({ ...this.account, rows }, this.#catalog, now));
      if ('draft' in decision) return { refused: undefined, usage: undefined, ...decision };
      if ('refused' in decision) return { draft: undefined, usage: undefined, ...decision };
      if (!isRow(decision.asks)) return { draft: undefined, usage: undefined, refused: decision.asks };
      rows = this.#withRow(rows, decision.asks);
    }
    throw new Error('a decision that never has all that it asks for');
  }

  #withRow(rows: Rows, { kind, id }: RowKey): Rows {
    switch (kind) {
      case 'member':
        return { ...rows, members: [...rows.members, this.members.get(id) ?? newMember(id)] };
      case 'refunded': {
        const refunded_credits = this.#refunded.get(id) ?? 0;
        return { ...rows, refunded: [...rows.refunded, { entry_id: id, refunded_credits }] };
      }
      case 'payment':
        throw new Error('the model sells no packs');
      case 'entry':
        return { ...rows, evidence: [...rows.evidence, { entry_id: id, entry: this.#by_id.get(id) ?? null }] };
    }
  }

  /** The answer to a command whose entry exists. */
  #again(command: Command): Result | null {
    const entry = command.entry_id === null ? undefined : this.#by_id.get(command.entry_id);
    if (entry === undefined) return null;
    if (entry.fingerprint === command.fingerprint) return 'replayed';
    return command.other_request?.() ?? refusal('idempotency_key_reused', {});
  }

  #commit(draft: Account, entries: readonly Entry[], uses: readonly UsageIncrement[], now: number): void {
    for (const entry of entries) {
      if (this.#by_id.has(entry.entry_id)) throw new Error(`a second entry ${entry.entry_id}`);
      this.#by_id.set(entry.entry_id, entry);
      this.entries.push(entry);
    }
    this.uses.push(...uses.map(({ feature, day, count, credits }) => ({ feature, day, count, credits })));
    for (const member of draft.rows.members) this.members.set(member.member, member);
    for (const { entry_id, refunded_credits } of draft.rows.refunded) this.#refunded.set(entry_id, refunded_credits);
    const { version, updated_at } = this.account;
    this.account = { ...draft, rows: no_rows, version: version + 1, updated_at: Math.max(updated_at, now) };
  }

  #commandOf(order: Order): Command {
    const command = { entry_id: entryIdOf(order), fingerprint: fingerprintOf(order), decide: this.#decideOf(order) };
    if (order.kind !== 'settle') return command;
    return { ...command, other_request: () => refusal('hold_closed', { hold_id: order.hold_id }) };
  }

  #decideOf(order: Order): Decide {
    const facts = { fingerprint: fingerprintOf(order) ?? '', description: order.kind };
    switch (order.kind) {
      case 'roll':
        return decideNothing;
      case 'deduct': {
        const { amount, actor, feature, member } = order;
        const deduct = { ...facts, entry_id: `use:${order.key}`, amount, actor, ...known({ feature, member }) };
        return decideDeduct(deduct);
      }
      case 'hold': {
        const { hold_id, amount, expires_in_s, actor, feature, member } = order;
        const hold = { ...facts, hold_id, amount, expires_in_s, actor, user: null, ...known({ feature, member }) };
        return decideHold(hold);
      }
      case 'settle':
        return decideSettle({ ...facts, ...order, user: null });
      case 'release':
        return decideRelease({ ...order, user: null });
      case 'grant':
        return decideGrant({ ...facts, ...order, entry_id: `grant:${order.key}` });
      case 'refund': {
        const { refunds, amount, actor } = order;
        const refund = { ...facts, entry_id: `refund:${order.key}`, refunds, actor };
        const asked = amount === null ? refund : { ...refund, amount };
        return decideRefund(asked);
      }
      case 'override':
        return decideFeatureOverride(order);
      case 'cap':
        return decideMemberCap(order);
      case 'subscription':
        return decideSubscription(withLines(order));
      case 'customer':
        return decideCustomer(order.stripe_customer_id);
    }
  }
}

/** The model knows of no invoice's lines. */
function withLines({ paid, ...news }: Extract<Order, { kind: 'subscription' }>): SubscriptionFacts {
  return { ...news, ...(paid === undefined ? {} : { paid: [paid] }) };
}

/** Without what is not said. */
function known({ feature, member }: { feature: string | null; member: string | null }) {
  return { ...(feature === null ? {} : { feature }), ...(member === null ? {} : { member }) };
}
