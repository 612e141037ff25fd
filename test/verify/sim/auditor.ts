import * as z from 'zod';
import type { Catalog } from '../../../shared/domain/plan.ts';
import { fromAccountItem } from '../../../shared/store/account-item.ts';
import { fromEntryItem } from '../../../shared/store/entry-item.ts';
import { type Audited, type KeptAnswer, newlyAudited, Violation } from './audited.ts';
import { checkChain, checkLots, checkRefund } from './check-ledger.ts';
import { checkMembers } from './check-members.ts';
import { checkPeriodEntry, checkSnapshot, checkUse } from './check-periods.ts';
import { checkCounters } from './check-usage.ts';
import type { Change } from './memory-tables.ts';

interface AuditorOptions {
  readonly catalog: Catalog;
  readonly now: () => number;
  /** Whose customer an event of Stripe's is about; undefined where nobody knows. */
  readonly ownerOf: (event_id: string) => string | undefined;
}

const payment_row = z.object({
  part_key: z
    .string()
    .startsWith('payment:')
    .transform((key) => key.slice('payment:'.length)),
  called_back_credits: z.int(),
});

const kept_row = z.object({ request_key: z.string().startsWith('usage:'), answer: z.string() });
const kept_answer = z.record(z.string(), z.unknown());

/** Checks every commit as it takes effect. */
export class Auditor {
  readonly catalog: Catalog;
  readonly #audited = new Map<string, Audited>();
  readonly #options: AuditorOptions;
  /** The first violation: what runs on after it proves nothing. */
  violation: Violation | null = null;

  constructor(options: AuditorOptions) {
    this.#options = options;
    this.catalog = options.catalog;
  }

  get accounts(): ReadonlyMap<string, Audited> {
    return this.#audited;
  }

  of(account_id: string): Audited {
    const known = this.#audited.get(account_id);
    if (known !== undefined) return known;
    const fresh = newlyAudited(this.catalog.free_plan);
    this.#audited.set(account_id, fresh);
    return fresh;
  }

  /** The rows of one transaction, after it took effect. */
  take(changes: readonly Change[]): void {
    try {
      const owned = changes.filter(({ table, after }) => table !== 'stripe_events' && after.account_id !== undefined);
      const [account_id, ...others] = new Set(owned.map(({ after }) => String(after.account_id)));
      if (others.length > 0) throw new Violation('I8', `one commit touches ${account_id} and ${others.join(', ')}`);
      if (account_id !== undefined) this.#takeCommit(account_id, changes);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.violation ??=
      error instanceof Violation ? error : new Violation('failure', String(Object(error).stack ?? error));
  }

  #takeCommit(account_id: string, changes: readonly Change[]): void {
    const { now } = this.#options;
    const { catalog } = this;
    const audited = this.of(account_id);
    const rewritten = changes.find(({ table, before }) => table === 'ledger' && before !== undefined);
    if (rewritten !== undefined) throw new Violation('I6', `${String(rewritten.after.entry_id)} was written again`);
    const entries = changes
      .filter(({ table }) => table === 'ledger')
      .map(({ after }) => fromEntryItem(after))
      .toSorted((a, b) => a.seq - b.seq);
    const kept = keptIn(changes);
    checkCounters(changes, entries, kept);
    for (const [key, answer] of kept) {
      if (audited.kept.has(key)) throw new Violation('I3', `${key} is answered a second time`);
      audited.kept.set(key, answer);
      audited.committed_at.set(key, now());
    }
    const row = changes.find(({ table }) => table === 'accounts');
    if (row === undefined) {
      if (entries.length > 0) throw new Violation('I1', `entries of ${account_id} without a change of its account`);
      return;
    }
    const account = fromAccountItem(row.after);
    this.#checkStripe(account_id, audited, changes);
    checkChain(audited.account, entries, account);
    checkLots(account);
    for (const entry of entries) {
      if (audited.entries.has(entry.entry_id)) throw new Violation('I3', `${entry.entry_id} is booked twice`);
      audited.entries.set(entry.entry_id, entry);
      audited.committed_at.set(entry.entry_id, now());
      if (entry.refunds !== undefined) checkRefund(audited, entry, entry.refunds);
      checkPeriodEntry(audited, account, entry, catalog);
    }
    if (audited.plan !== account.period.plan) {
      throw new Violation('I7', `the period is of ${account.period.plan}, the entries say ${audited.plan}`);
    }
    checkSnapshot(audited.account?.subscription ?? null, account.subscription);
    checkUse(audited, account, entries, catalog);
    checkMembers(audited, account, entries, changes);
    audited.account = account;
    audited.states.push({ at: now(), account, members: audited.members });
  }

  /** I3, I8: news of money come with their event, and go to the account that they are about. */
  #checkStripe(account_id: string, audited: Audited, changes: readonly Change[]): void {
    const events = changes.filter(({ table }) => table === 'stripe_events');
    for (const { after } of events) {
      const owner = this.#options.ownerOf(String(after.event_id));
      if (owner !== undefined && owner !== account_id) {
        throw new Violation('I8', `an event about ${owner} changes ${account_id}`);
      }
    }
    const payments = changes
      .filter(({ table }) => table === 'account_parts')
      .flatMap(({ after }) => payment_row.safeParse(after).data ?? []);
    for (const payment of payments) {
      const { called_back_credits = 0 } = audited.payments.get(payment.part_key) ?? {};
      if (events.length === 0 && payment.called_back_credits !== called_back_credits) {
        throw new Violation('I3', `${payment.part_key} has news without the event that brought them`);
      }
      audited.payments.set(payment.part_key, payment);
    }
  }
}

/** Answers about counted uses. */
function keptIn(changes: readonly Change[]): ReadonlyMap<string, KeptAnswer> {
  const rows = changes
    .filter(({ table }) => table === 'requests')
    .flatMap(({ after }) => kept_row.safeParse(after).data ?? []);
  return new Map(rows.map(({ request_key, answer }) => [request_key, kept_answer.parse(JSON.parse(answer))]));
}
