import type { Account } from '../domain/account.ts';

/**
 * The newest state this process has seen of the accounts it was last asked about. It may be behind the table: a commit on it then
 * fails by its version, and whatever writes nothing is decided again on a consistent read.
 */
export class AccountCache {
  readonly #accounts = new Map<string, Account>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get(account_id: string): Account | undefined {
    return this.#accounts.get(account_id);
  }

  /** Remembers the account unless a newer version is known; the account used longest ago makes room. */
  set(account: Account): void {
    const known = this.#accounts.get(account.account_id);
    if (known !== undefined && known.version > account.version) return;
    this.#accounts.delete(account.account_id);
    this.#accounts.set(account.account_id, account);
    if (this.#accounts.size > this.#size) this.#forgetOldest();
  }

  forget(account_id: string): void {
    this.#accounts.delete(account_id);
  }

  #forgetOldest(): void {
    const [oldest] = this.#accounts.keys();
    if (oldest !== undefined) this.#accounts.delete(oldest);
  }
}
