import type { Account } from './account.ts';
import type { Draft } from './draft.ts';
import type { DomainError } from './errors.ts';
import type { PartKey } from './parts.ts';
import type { Credits, Instant } from './units.ts';

/** A use of a feature, counted per UTC day in the same commit as its deduction. */
export interface UsageIncrement {
  readonly feature: string;
  readonly day: string;
  readonly count: number;
  readonly credits: Credits;
}

/** What a decision makes of an account: the draft to commit, the refusal, or the part of the account that it must know first. */
export type Decision =
  | { readonly draft: Draft; readonly usage?: UsageIncrement }
  | { readonly rejected: DomainError }
  | { readonly missing: PartKey };

/** A pure decision about an account as it is stored; it brings the account to `now` first. */
export type Decide = (account: Account, now: Instant) => Decision;
