import { apiFunction } from '../../shared/api/serve.ts';
import type { Deps } from '../composition.ts';
import { check } from './check.ts';
import { deduct } from './deduct.ts';
import { deductBatch } from './deduct-batch.ts';
import { deleteMemberCap } from './delete-member-cap.ts';
import { getCredits } from './get-credits.ts';
import { getMemberCap } from './get-member-cap.ts';
import { getTransaction } from './get-transaction.ts';
import { grant } from './grant.ts';
import { listHolds } from './list-holds.ts';
import { listTransactions } from './list-transactions.ts';
import { openHold } from './open-hold.ts';
import { putMemberCap } from './put-member-cap.ts';
import { refund } from './refund.ts';
import { releaseHold } from './release-hold.ts';
import { settleHold } from './settle-hold.ts';
import { verify } from './verify.ts';

/** The function that serves balances, deductions, holds and the ledger, over the given dependencies. */
export function creditsApi(deps: Deps) {
  const served = [
    getCredits,
    check,
    deduct,
    deductBatch,
    listTransactions,
    getTransaction,
    openHold,
    settleHold,
    releaseHold,
    listHolds,
    grant,
    refund,
    putMemberCap,
    getMemberCap,
    deleteMemberCap,
    verify,
  ];
  return apiFunction(
    'credits',
    served.map((route) => route(deps)),
    deps,
  );
}
