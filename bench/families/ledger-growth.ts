import { compose, type Parts } from '../../functions/composition.ts';
import { deductOne, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { rounds, timeRatio } from '../rounds.ts';

const many = 10_000;
const few = 100;
const time_ms = 800;

/** A deduction on a long ledger against one on a short ledger. */
export async function measureLedgerGrowth(): Promise<Figure[]> {
  const parts = compose('accounts', 'ledger');
  const { accounts, catalog } = parts;
  const [long, short] = [await openLedger(parts, many), await openLedger(parts, few)];
  const deductOn = (account_id: string) => () => accounts.transact(account_id, deductOne(catalog));
  const ratios = await rounds(() => timeRatio(time_ms, deductOn(long), deductOn(short)));
  return [figure('ledger_growth', ratios, { at_most: 1.1 })];
}

/** An account with so many entries and a few more: deductions that come at once are committed in groups. */
async function openLedger({ accounts, catalog }: Parts, entries: number): Promise<string> {
  const { account_id } = await openAccount(accounts, catalog);
  await Promise.all(Array.from({ length: entries }, () => accounts.transact(account_id, deductOne(catalog))));
  return account_id;
}
