import { type Account, availableCredits, isUnlimited } from '../account/account.ts';
import { bookMovements, withAccount } from '../account/draft.ts';
import { type DomainError, refusal } from '../errors.ts';
import type { EntryFacts } from '../ledger/entry.ts';
import { charge, sharesOf } from '../ledger/lot.ts';
import type { Decide } from '../time/decision.ts';
import type { Credits } from '../units.ts';
import { bookCovered, chargedTo, mostCovered, useOf } from './charge.ts';
import { countUse, overCap, spenderOf } from './member-cap.ts';

export interface Deduct {
  /** `use:<idempotency key>`. */
  readonly entry_id: string;
  readonly fingerprint: string;
  readonly amount: Credits;
  readonly description: string;
  readonly feature?: string | undefined;
  readonly actor: string;
  /** The person who spends; absent for a service. */
  readonly member?: string | undefined;
}

/**
 * Spends credits in burn order. Refusals: `member_cap_exceeded`, `insufficient_credits`. An
 * unlimited plan covers the spend without touching a lot, as long as a period's use can be counted
 * (`credits_out_of_range`).
 */
export const decideDeduct =
  (deduct: Deduct): Decide =>
  ({ draft, at, catalog }) => {
    const { amount, feature } = deduct;
    const { account } = draft;
    const spender = spenderOf(account, deduct.member ?? null);
    if ('asks' in spender) return spender;
    const { member } = spender;
    const refused =
      overCap(account, member, amount, at) ?? unaffordable(account, amount, availableCredits(account, catalog, at));
    if (refused !== null) return { refused };

    const facts: EntryFacts = {
      entry_id: deduct.entry_id,
      transaction_type: 'usage',
      description: deduct.description,
      created_at: at,
      actor: deduct.actor,
      fingerprint: deduct.fingerprint,
      ...chargedTo(feature, member),
    };
    const counted = withAccount(draft, countUse(account, member, amount, at));
    const charged = isUnlimited(account, catalog, at)
      ? bookCovered(counted, facts, amount)
      : bookMovements(counted, facts, sharesOf(account.lots, amount).map(charge));
    return { draft: charged, ...useOf(feature, amount, at) };
  };

/**
 * The refusal if the amount is more than `available`. Null means unlimited; then only counting has
 * an end.
 */
export function unaffordable(account: Account, amount: Credits, available: Credits | null): DomainError | null {
  if (available !== null)
    return amount > available
      ? refusal('insufficient_credits', { required: amount, available_credits: available })
      : null;
  const most = mostCovered(account);
  return amount > most ? refusal('credits_out_of_range', { most }) : null;
}
