import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Credits, Instant } from '../units.ts';
import type { LotMovement } from './lot.ts';

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
] as const;

export type TransactionType = (typeof transaction_types)[number];

/** An entry before it has its place in the ledger. */
export interface EntryFacts {
  /** The natural key: what the entry is about. The same fact can be booked only once. */
  readonly entry_id: string;
  readonly transaction_type: TransactionType;
  readonly description: string;
  /**
   * When the entry took effect. For a reset or an expiry that is the boundary, however late
   * somebody noticed.
   */
  readonly created_at: Instant;
  /** Who caused it: a user's or a service's id, `stripe`, or `system`. */
  readonly actor: string;
  /**
   * The request's fingerprint, which detects the same key with another body; null without a
   * request.
   */
  readonly fingerprint: string | null;
  readonly feature?: string;
  /** An unlimited plan paid: `covered_credits` were used, and the balance did not move. */
  readonly covered_by?: 'unlimited';
  readonly covered_credits?: Credits;
  /** Periods that passed unseen and were not granted. */
  readonly skipped_periods?: number;
  /** The hold, in entries of a hold, its settlement and its release. */
  readonly hold_id?: string;
  /** In a hold: how much it asked for. In a release: how much it freed. */
  readonly held_credits?: Credits;
  readonly hold_expires_at?: Instant;
  /** In a settlement: what was used and could not be charged. */
  readonly shortfall_credits?: Credits;
  /** In a refund: the entry that it gives back. */
  readonly refunds?: string;
  /** In a charge: the member whose spending it is, if the account counts that. */
  readonly member?: string;
}

/** A line of the ledger. It never changes. */
export interface Entry extends EntryFacts {
  readonly account_id: string;
  /** Counts the account's entries from 1, without gaps. */
  readonly seq: number;
  /** The sum of `lots`: positive adds, negative deducts. */
  readonly amount: Credits;
  readonly balance_after: Credits;
  readonly lots: readonly LotMovement[];
  /** SHA-256 (base64url) over the previous entry's hash and this entry's canonical form. */
  readonly hash: string;
}

/** The predecessor's hash of a chain's first entry. */
export const genesis_hash = '';

/** The hash that binds an entry to all entries before it. */
export function chainHash(previous_hash: string, entry: Omit<Entry, 'hash'>): string {
  return createHash('sha256')
    .update(`${previous_hash}\n${canonicalForm(entry)}`)
    .digest('base64url');
}

/** RFC 8785 JSON, so that any program can check the chain. */
function canonicalForm(entry: Omit<Entry, 'hash'>): string {
  const form = canonicalize(entry);
  if (form === undefined) throw new TypeError('an entry has a canonical form');
  return form;
}
