import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { LotMovement } from './lot.ts';
import type { Credits, Instant } from './units.ts';

export const transaction_types = [
  'usage',
  'refund',
  'bonus',
  'reset',
  'purchase',
  'expire',
  'plan_change',
  'hold',
  'release',
  'clawback',
  'reinstate',
  'adjustment',
] as const;

export type TransactionType = (typeof transaction_types)[number];

/** What an entry says before it has its place in the ledger. */
export interface EntryFacts {
  /** The natural key: what the entry is about. The same fact can be booked once only. */
  readonly entry_id: string;
  readonly transaction_type: TransactionType;
  readonly description: string;
  /** When it took effect; for a reset or an expiry that is the boundary, however late it was noticed. */
  readonly created_at: Instant;
  /** Who caused it: a user's or a service's id, `stripe`, or `system`. */
  readonly actor: string;
  /** Of the request, so that the same key with another body is noticed; null where no request was made. */
  readonly fingerprint: string | null;
  readonly feature?: string;
  /** An unlimited plan paid: `covered_credits` were used and the balance did not move. */
  readonly covered_by?: 'unlimited';
  readonly covered_credits?: Credits;
  /** Periods that passed unseen and were not granted. */
  readonly skipped_periods?: number;
  /** Of a hold, of its settlement and of its release. */
  readonly hold_id?: string;
  /** What a hold asked for, or a release has freed. */
  readonly held_credits?: Credits;
  readonly hold_expires_at?: Instant;
  /** A settlement: what was used and could not be charged. */
  readonly shortfall_credits?: Credits;
  /** A refund: the entry that it gives back of. */
  readonly refunds?: string;
  /** Of a charge: whose spending it counts as, on an account that counts it. */
  readonly member?: string;
}

/** An immutable line of the ledger. */
export interface Entry extends EntryFacts {
  readonly account_id: string;
  /** Gap-free per account, from 1. */
  readonly seq: number;
  /** Positive adds, negative deducts: the sum of `lots`. */
  readonly amount: Credits;
  readonly balance_after: Credits;
  readonly lots: readonly LotMovement[];
  /** SHA-256 (base64url) over the previous entry's hash and this entry's canonical form. */
  readonly hash: string;
}

/** What stands before the first entry of a chain. */
export const genesis_hash = '';

/** The hash that binds an entry to all before it. */
export function chainHash(previous_hash: string, entry: Omit<Entry, 'hash'>): string {
  return createHash('sha256')
    .update(`${previous_hash}\n${canonicalForm(entry)}`)
    .digest('base64url');
}

/** RFC 8785 JSON, so that any other program can check the chain. */
function canonicalForm(entry: Omit<Entry, 'hash'>): string {
  const form = canonicalize(entry);
  if (form === undefined) throw new TypeError('an entry has a canonical form');
  return form;
}
