import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../domain/account/account.ts';
import type { Draft } from '../domain/account/draft.ts';
import type { RowKey } from '../domain/account/rows.ts';
import type { DomainError } from '../domain/errors.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import { type Decide, type Decision, isRow, type StripeQuestion } from '../domain/time/decision.ts';
import type { Present } from '../domain/time/present.ts';
import { changedRows } from './account-rows.ts';
import { type Commit, empty_commit, itemsOf, transaction_items_max } from './commit.ts';
import type { StripeEventRecord } from './stripe-event-item.ts';
import { mergeUsage } from './usage-item.ts';

/** A change that somebody wants of one account. */
export interface Command {
  /** Natural key of the command's own entry; null when it has none. */
  readonly entry_id: string | null;
  /** Of the request: the same key with another one is refused. */
  readonly fingerprint: string | null;
  /** The refusal of that, when it is not `idempotency_key_reused`. */
  readonly other_request?: () => DomainError;
  readonly decide: Decide;
  /** The Stripe event that caused it, recorded in the same commit. */
  readonly marker?: StripeEventRecord;
}

export interface Accepted<C extends Command> {
  readonly command: C;
  /** The account as the command left it; others of the group may have come after. */
  readonly account: Account;
  /** The command's own entry. */
  readonly entry: Entry | null;
}

export interface Refused<C extends Command> {
  readonly command: C;
  readonly error: DomainError;
}

export interface Asking<C extends Command> {
  readonly command: C;
  readonly question: StripeQuestion;
}

/** Commands decided one after the other on the evolving account, to be committed as one transaction. */
export interface DecidedGroup<C extends Command> {
  readonly commit: Commit;
  readonly accepted: readonly Accepted<C>[];
  readonly refused: readonly Refused<C>[];
  /** Not decided: no place left in the transaction, or the same key is in the group already. */
  readonly deferred: readonly C[];
  /** They ask what only Stripe knows. */
  readonly asking: readonly Asking<C>[];
  /** Rows that decisions must know first: nothing is to be committed before they have them. */
  readonly asks: readonly RowKey[];
}

/**
 * Decides the commands in order. Each command's present is the draft of those before it. What time has done to the stored
 * account is committed even if every command is refused: otherwise a retry on a slower clock could still succeed.
 */
export function decideGroup<C extends Command>(
  stored: Account,
  present: Present,
  commands: readonly C[],
): DecidedGroup<C> {
  const keys = new Set<string>();
  const accepted: Accepted<C>[] = [];
  const refused: Refused<C>[] = [];
  const deferred: C[] = [];
  const asking: Asking<C>[] = [];
  const asks: RowKey[] = [];
  let { draft } = present;
  let work = withDraft(empty_commit, draft, stored);
  let full = false;

  for (const command of commands) {
    const key = keyOf(command);
    if (full || (key !== null && keys.has(key))) {
      deferred.push(command);
      continue;
    }
    const decision = command.decide({ ...present, draft });
    if ('asks' in decision) {
      const { asks: question } = decision;
      if (isRow(question)) asks.push(question);
      else asking.push({ command, question });
      continue;
    }
    if ('refused' in decision) {
      refused.push({ command, error: decision.refused });
      continue;
    }
    const next = withDone(work, command, decision, stored);
    full = itemsOf(next) > transaction_items_max;
    if (full) {
      deferred.push(command);
      continue;
    }
    work = next;
    ({ draft } = decision);
    accepted.push({ command, account: draft.account, entry: ownEntry(command, draft.entries) });
    if (key !== null) keys.add(key);
  }
  // What was set to what it is already is no change, of the account or of its rows.
  const is_same = isDeepStrictEqual(draft.account, stored);
  const commit = is_same ? { ...work, account: null, rows: empty_commit.rows } : work;
  return { commit, accepted, refused, asking, deferred, asks };
}

/** What makes two commands the same one. */
export function keyOf({ entry_id, marker }: Command): string | null {
  return entry_id ?? marker?.event_id ?? null;
}

function withDraft(work: Commit, { account, entries }: Draft, stored: Account): Commit {
  return { ...work, account, entries, rows: changedRows(stored.rows, account.rows) };
}

function withDone(
  work: Commit,
  { marker }: Command,
  { draft, usage }: Extract<Decision, { draft: unknown }>,
  stored: Account,
): Commit {
  const { account_id } = stored;
  return {
    ...withDraft(work, draft, stored),
    usage: usage === undefined ? work.usage : mergeUsage([...work.usage, { ...usage, account_id }]),
    markers: marker === undefined ? work.markers : [...work.markers, marker],
  };
}

function ownEntry({ entry_id }: Command, entries: readonly Entry[]): Entry | null {
  return entries.find((entry) => entry.entry_id === entry_id) ?? null;
}
