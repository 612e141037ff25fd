import type { Account } from '../domain/account/account.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import type { Catalog } from '../domain/plan.ts';
import type { StripeQuestion } from '../domain/time/decision.ts';
import type { Instant, Milliseconds } from '../domain/units.ts';
import type { Database } from './database.ts';
import type { Pace } from './faults.ts';

/** What became of a command. */
export interface Outcome {
  /** As the command left it. For a replay: as it is now. */
  readonly account: Account;
  /** The command's own entry: of a replay, the one that was written first. */
  readonly entry: Entry | null;
  readonly replayed: boolean;
  /** When it was decided. */
  readonly now: Instant;
}

/** The command asks what only Stripe knows. Nothing of it was written. */
export interface Asked {
  readonly question: StripeQuestion;
}

export interface AccountsOptions extends Pace {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly due_shards: number;
  readonly clock: () => Instant;
  /** After so long without a commit a command is answered `AccountBusy`. */
  readonly deadline_ms?: Milliseconds;
}
