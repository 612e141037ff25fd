import type { Draft } from './draft.ts';
import type { DomainError } from './errors.ts';
import type { PartKey } from './parts.ts';
import type { Present } from './present.ts';
import type { Credits } from './units.ts';

/** A use of a feature, counted per UTC day in the same commit as its deduction. */
export interface UsageIncrement {
  readonly feature: string;
  readonly day: string;
  readonly count: number;
  readonly credits: Credits;
}

/** Done: the draft to commit. Refused: why not. Asks: the part of the account that must be known first. */
export type Decision =
  | { readonly draft: Draft; readonly usage?: UsageIncrement }
  | { readonly refused: DomainError }
  | { readonly asks: PartKey };

/** A pure decision. Its draft begins with the present's, so what time has done is committed with it. */
export type Decide = (present: Present) => Decision;

/** Commits what time has done, and nothing else. */
export const decideNothing: Decide = ({ draft }) => ({ draft });
