import { type Account, availableCredits, isUnlimited } from './account.ts';
import { bookCovered, chargedTo, mostCovered, useOf } from './charge.ts';
import type { Decision } from './decision.ts';
import { bookMovements, notBefore, withAccount } from './draft.ts';
import type { EntryFacts } from './entry.ts';
import { CreditsOutOfRange, type DomainError, InsufficientCredits } from './errors.ts';
import { charge, sharesOf } from './lot.ts';
import { countUse, overCap, spenderOf } from './member.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import type { Credits, Instant } from './units.ts';

export interface Deduct {
  /** `use:<idempotency key>`. */
  readonly entry_id: string;
  readonly fingerprint: string;
  readonly amount: Credits;
  readonly description: string;
  readonly feature?: string | undefined;
  readonly actor: string;
  /** The person whose spending it is; absent for a service. */
  readonly member?: string | undefined;
}

/**
 * Spends credits in burn order, or refuses with `MemberCapExceeded` or `InsufficientCredits`. An unlimited plan covers it without
 * touching a lot, as long as a period's use can be counted (`CreditsOutOfRange`).
 */
export function decideDeduct(account: Account, deduct: Deduct, catalog: Catalog, now: Instant): Decision {
  const { amount, feature } = deduct;
  const rolled = rollForward(account, catalog, now);
  const at = notBefore(account, now);
  const spender = spenderOf(rolled.account, deduct.member ?? null);
  if ('missing' in spender) return spender;
  const { member } = spender;
  const refusal =
    overCap(rolled.account, member, amount, at) ??
    unaffordable(rolled.account, amount, availableCredits(rolled.account, catalog, at));
  if (refusal !== null) return { rejected: refusal };

  const facts: EntryFacts = {
    entry_id: deduct.entry_id,
    transaction_type: 'usage',
    description: deduct.description,
    created_at: at,
    actor: deduct.actor,
    fingerprint: deduct.fingerprint,
    ...chargedTo(feature, member),
  };
  const counted = withAccount(rolled, countUse(rolled.account, member, amount, at));
  const draft = isUnlimited(rolled.account, catalog, at)
    ? bookCovered(counted, facts, amount)
    : bookMovements(counted, facts, sharesOf(counted.account.lots, amount).map(charge));
  return { draft, ...useOf(feature, amount, at) };
}

/** Refuses what is more than `available`; null is unlimited, where only counting has an end. */
export function unaffordable(account: Account, amount: Credits, available: Credits | null): DomainError | null {
  if (available !== null) return amount > available ? new InsufficientCredits(amount, available) : null;
  const most = mostCovered(account);
  return amount > most ? new CreditsOutOfRange(most) : null;
}
