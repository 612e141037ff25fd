import { apiFunction } from '../../shared/api/serve.ts';
import type { Parts } from '../composition.ts';
import { check } from './check.ts';
import { deduct } from './deduct.ts';
import { getCredits } from './get-credits.ts';
import { getTransaction } from './get-transaction.ts';
import { listTransactions } from './list-transactions.ts';
import { verify } from './verify.ts';

/** The function that serves balances, deductions and the ledger, over the given parts. */
export function creditsApi(parts: Parts) {
  const served = [getCredits, check, deduct, listTransactions, getTransaction, verify];
  return apiFunction(
    'credits',
    served.map((route) => route(parts)),
    parts,
  );
}
