import type { Account } from '../../../shared/domain/account/account.ts';
import type { Member } from '../../../shared/domain/account/member.ts';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';

/** Something that must never happen has happened. */
export class Violation extends Error {
  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'Violation';
  }
}

/** An account from a moment on. */
export interface State {
  readonly at: number;
  readonly account: Account;
  /** Those of whom there is a row. */
  readonly members: ReadonlyMap<string, Member>;
}

export type KeptAnswer = Readonly<Record<string, unknown>>;

/** What is known of an account from its commits alone. */
export interface Audited {
  account: Account | null;
  /** Oldest first. */
  readonly states: State[];
  readonly entries: Map<string, Entry>;
  /** Answers about uses that were counted, by `usage:<key>`. */
  readonly kept: Map<string, KeptAnswer>;
  /** When each entry and each kept answer was committed. */
  readonly committed_at: Map<string, number>;
  readonly refunded: Map<string, number>;
  /** What its payments have become, by their ids. */
  readonly payments: Map<string, { readonly called_back_credits: number }>;
  members: ReadonlyMap<string, Member>;
  /** What entries have charged to members, by member and calendar month. */
  readonly spent: Map<string, number>;
  /** Of the running period. */
  plan: string;
  /** In all rollover lots, as the entries have it. */
  rolled_over: number;
  /** What was used of the running period's allowance, or of an unlimited plan in it; at least. */
  used: number;
  /** The lots that were its allowance, one after the other. */
  readonly allowances: Set<string>;
  /**
   * When it came to its plan: the others of the free plan's periods begin so many calendar months
   * later.
   */
  anchor_at: number | null;
}

export function newlyAudited(free_plan: string): Audited {
  return {
    account: null,
    states: [],
    entries: new Map(),
    kept: new Map(),
    committed_at: new Map(),
    refunded: new Map(),
    payments: new Map(),
    members: new Map(),
    spent: new Map(),
    plan: free_plan,
    rolled_over: 0,
    used: 0,
    allowances: new Set(),
    anchor_at: null,
  };
}

/** The states that the account has had since then; null when it was not there yet at the time. */
export function statesSince({ states }: Audited, began_at: number): readonly State[] | null {
  const first = states.findLastIndex(({ at }) => at <= began_at);
  return first === -1 ? null : states.slice(first);
}

/** How many credits, or how much of an unlimited plan's use, an entry is about. */
export function usedBy({ amount, covered_credits = 0 }: Pick<Entry, 'amount' | 'covered_credits'>): number {
  return Math.abs(amount) + covered_credits;
}
