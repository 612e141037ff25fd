import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../domain/account.ts';
import type { Decide, Decision } from '../domain/decision.ts';
import type { Entry } from '../domain/entry.ts';
import type { DomainError } from '../domain/errors.ts';
import type { PartKey } from '../domain/parts.ts';
import type { Instant } from '../domain/units.ts';
import { type ChangedParts, changedParts } from './account-parts.ts';
import { type Commit, empty_commit, itemsOf, transaction_items_max } from './commit.ts';
import type { StripeEventRecord } from './stripe-event-item.ts';
import { mergeUsage } from './usage-item.ts';

/** A change that somebody wants of one account. */
export interface Command {
  /** Natural key of the command's own entry; null when it has none. */
  readonly entry_id: string | null;
  /** Of the request: the same key with another one is refused. */
  readonly fingerprint: string | null;
  /** The refusal of that, when it is not `IdempotencyKeyReused`. */
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

/** Commands decided one after the other on the evolving account, to be committed as one transaction. */
export interface DecidedGroup<C extends Command> {
  readonly commit: Commit;
  readonly accepted: readonly Accepted<C>[];
  readonly refused: readonly Refused<C>[];
  /** Not decided: no place left in the transaction, or the same key is in the group already. */
  readonly deferred: readonly C[];
  /** What decisions must know first: nothing is to be committed before they have it. */
  readonly missing: readonly PartKey[];
}

/** Decides the commands in order. Each sees what those before it did. */
export function decideGroup<C extends Command>(stored: Account, commands: readonly C[], now: Instant): DecidedGroup<C> {
  const keys = new Set<string>();
  const accepted: Accepted<C>[] = [];
  const refused: Refused<C>[] = [];
  const deferred: C[] = [];
  const missing: PartKey[] = [];
  let work = empty_commit;
  let account = stored;
  let full = false;

  for (const command of commands) {
    const key = keyOf(command);
    if (full || (key !== null && keys.has(key))) {
      deferred.push(command);
      continue;
    }
    const decision = command.decide(account, now);
    if ('missing' in decision) {
      missing.push(decision.missing);
      continue;
    }
    if ('rejected' in decision) {
      refused.push({ command, error: decision.rejected });
      continue;
    }
    const { draft } = decision;
    const next = extend(work, command, decision, changedParts(stored.parts, draft.account.parts));
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
  // What was set to what it is already is no change, of the account or of its parts.
  const commit = isDeepStrictEqual(account, stored) ? { ...work, account: null, parts: empty_commit.parts } : work;
  return { commit, accepted, refused, deferred, missing };
}

/** What makes two commands the same one. */
export function keyOf({ entry_id, marker }: Command): string | null {
  return entry_id ?? marker?.event_id ?? null;
}

function extend(
  work: Commit,
  { marker }: Command,
  { draft: { account, entries }, usage }: Extract<Decision, { draft: unknown }>,
  parts: ChangedParts,
): Commit {
  const { account_id } = account;
  return {
    account,
    entries: [...work.entries, ...entries],
    usage: usage === undefined ? work.usage : mergeUsage([...work.usage, { ...usage, account_id }]),
    markers: marker === undefined ? work.markers : [...work.markers, marker],
    parts,
  };
}

function ownEntry({ entry_id }: Command, entries: readonly Entry[]): Entry | null {
  return entries.find((entry) => entry.entry_id === entry_id) ?? null;
}
