import { Unavailable } from '../domain/errors.ts';

/**
 * No commit within the deadline: contention, throttling, or a silent database. The last attempt may
 * have taken effect; the same request with the same key finds out.
 */
export class AccountBusy extends Unavailable {
  readonly code = 'account_busy';
  constructor(options?: ErrorOptions) {
    super('the account is busy; send the same request with the same Idempotency-Key again', options);
    this.name = 'AccountBusy';
  }
}

/** One command writes more items than a transaction may have. */
export class TransactionTooLarge extends Error {
  constructor(account_id: string) {
    super(`one change of account ${account_id} is more than one transaction can hold`);
    this.name = 'TransactionTooLarge';
  }
}

/**
 * The ledger holds an entry of which the account, at the very version of the decision, knows
 * nothing. This code cannot cause that; `verify` tells more.
 */
export class LedgerInconsistent extends Error {
  readonly account_id: string;
  readonly entry_id: string;
  constructor(account_id: string, entry_id: string) {
    super(`account ${account_id} and its ledger disagree about entry ${entry_id}`);
    this.name = 'LedgerInconsistent';
    this.account_id = account_id;
    this.entry_id = entry_id;
  }
}
