import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { compose } from '../functions/composition.ts';
import { AccountBusy } from '../shared/store/errors.ts';
import type { Contention } from './contender.ts';
import { countCalls } from './count-calls.ts';
import { deductOne } from './deductions.ts';

const [account_id = ''] = process.argv.slice(2);
const { accounts, database } = compose('accounts', 'ledger');
const calls = countCalls(database);

process.on('message', (message) => {
  void deductFor(z.number().parse(message)).then((contention) => process.send?.(contention));
});
process.send?.('ready');

/** Deducts again and again. A deduction that must be repeated keeps its key. */
async function deductFor(time_ms: number): Promise<Contention> {
  calls.clear();
  const began_at = performance.now();
  const isInTime = () => performance.now() - began_at < time_ms;
  let [commits, commits_in_time] = [0, 0];
  while (isInTime()) {
    await deduct(randomUUID());
    commits += 1;
    if (isInTime()) commits_in_time += 1;
  }
  return { commits, commits_in_time, transactions: calls.get('TransactWriteItemsCommand') ?? 0 };
}

async function deduct(key: string): Promise<void> {
  for (;;) {
    try {
      await accounts.transact(account_id, deductOne(key));
      return;
    } catch (error) {
      if (!(error instanceof AccountBusy)) throw error;
    }
  }
}
