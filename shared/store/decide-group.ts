import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../domain/account.ts';
import type { Decide } from '../domain/decision.ts';
import type { Entry } from '../domain/entry.ts';
import type { DomainError } from '../domain/errors.ts';
import type { Instant } from '../domain/units.ts';
import { type Commit, itemsOf, transaction_items_max } from './commit.ts';
import type { StripeEventRecord } from './stripe-event-item.ts';
import { type AccountUsage, mergeUsage } from './usage-item.ts';

/** A change that somebody wants of one account. */
export interface Command {
  /** Natural key of the command's own entry; null when it has none. */
  readonly entry_id: string | null;
  /** Of the request: the same key with another one is refused. */
  readonly fingerprint: string | null;
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

/** Commands decided one after the other on the evolving account, to be committed as one transaction. */
export interface DecidedGroup<C extends Command> {
  readonly commit: Commit;
  readonly accepted: readonly Accepted<C>[];
  readonly refused: readonly Refused<C>[];
  /** Not decided: no place left in the transaction, or the same key is in the group already. */
  readonly deferred: readonly C[];
}

/** Decides the commands in order. Each sees what those before it did. */
export function decideGroup<C extends Command>(stored: Account, commands: readonly C[], now: Instant): DecidedGroup<C> {
  const keys = new Set<string>();
  const accepted: Accepted<C>[] = [];
  const refused: Refused<C>[] = [];
  const deferred: C[] = [];
  let account = stored;
  let work: Commit = { account: null, entries: [], usage: [], markers: [] };
  let full = false;

  for (const command of commands) {
    const key = keyOf(command);
    if (full || (key !== null && keys.has(key))) {
      deferred.push(command);
      continue;
    }
    const decision = command.decide(account, now);
    if ('rejected' in decision) {
      refused.push({ command, error: decision.rejected });
      continue;
    }
    const { draft, usage } = decision;
    const next = extend(
      work,
      command,
      draft.account,
      draft.entries,
      usage && { ...usage, account_id: account.account_id },
    );
    full = itemsOf(next) > transaction_items_max;
    if (full) {
      deferred.push(command);
      continue;
    }
    work = next;
    account = draft.account;
    accepted.push({ command, account, entry: ownEntry(command, draft.entries) });
    if (key !== null) keys.add(key);
  }
  const changed = isDeepStrictEqual(account, stored) ? null : account;
  return { commit: { ...work, account: changed }, accepted, refused, deferred };
}

/** What makes two commands the same one. */
export function keyOf({ entry_id, marker }: Command): string | null {
  return entry_id ?? marker?.event_id ?? null;
}

function extend(
  work: Commit,
  { marker }: Command,
  account: Account,
  entries: readonly Entry[],
  usage?: AccountUsage,
): Commit {
  return {
    account,
    entries: [...work.entries, ...entries],
    usage: usage === undefined ? work.usage : mergeUsage([...work.usage, usage]),
    markers: marker === undefined ? work.markers : [...work.markers, marker],
  };
}

function ownEntry({ entry_id }: Command, entries: readonly Entry[]): Entry | null {
  return entries.find((entry) => entry.entry_id === entry_id) ?? null;
}
