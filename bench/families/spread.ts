import { compose, type Deps } from '../../functions/composition.ts';
import type { Account } from '../../shared/domain/account/account.ts';
import { BareAccount } from '../bare-account.ts';
import { deductOne, entryOf, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { inTurns } from '../in-turns.ts';
import { rateOf, rounds } from '../rounds.ts';

const accounts_count = 1_000;
const callers = 32;
const time_ms = 300;

/**
 * Many callers on many accounts, against as many that send the bare transaction. No two callers
 * share an account.
 */
export async function measureSpread(): Promise<Figure[]> {
  const deps = compose('accounts', 'ledger');
  const { accounts } = deps;
  const { account_id } = await openAccount(accounts);
  const entry = entryOf(await accounts.transact(account_id, deductOne()));
  const nextBare = inTurns(
    (await openAccounts(deps)).map((account) => new BareAccount(deps, account, entry)),
    callers,
  );
  const nextAccount = inTurns(await openAccounts(deps), callers);

  const ratios = await rounds(async () => {
    const bare_rate = await rateOf(callers, time_ms, (caller) => nextBare(caller).deduct());
    const rate = await rateOf(callers, time_ms, (caller) =>
      accounts.transact(nextAccount(caller).account_id, deductOne()),
    );
    return rate / bare_rate;
  });
  return [figure('spread', ratios, { at_least: 0.85 })];
}

async function openAccounts({ accounts }: Deps): Promise<Account[]> {
  const opened: Account[] = [];
  while (opened.length < accounts_count) {
    opened.push(...(await Promise.all(Array.from({ length: callers }, () => openAccount(accounts)))));
  }
  return opened;
}
