import { type Account, availableCredits, isUnlimited } from './account.ts';
import type { Decision } from './decision.ts';
import { bookFact, bookMovements, type Draft, notBefore, withAccount } from './draft.ts';
import type { EntryFacts } from './entry.ts';
import { CreditsOutOfRange, type DomainError, InsufficientCredits } from './errors.ts';
import { burn } from './lot.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import { type Credits, type Instant, utcDay } from './units.ts';

export interface Deduct {
  /** `use:<idempotency key>`. */
  readonly entry_id: string;
  readonly fingerprint: string;
  readonly amount: Credits;
  readonly description: string;
  readonly feature?: string;
  readonly actor: string;
}

/** Spends credits in burn order, or refuses with `InsufficientCredits`. An unlimited plan covers it without touching a lot, as long as
 * a period's use can be counted (`CreditsOutOfRange`). */
export function decideDeduct(account: Account, deduct: Deduct, catalog: Catalog, now: Instant): Decision {
  const rolled = rollForward(account, catalog, now);
  const at = notBefore(account, now);
  const refusal = refusalOf(rolled.account, deduct.amount, availableCredits(rolled.account, catalog, at));
  if (refusal !== null) return { rejected: refusal };
  const draft = isUnlimited(rolled.account, catalog, at)
    ? bookCovered(rolled, deduct, at)
    : bookBurnt(rolled, deduct, at);
  if (deduct.feature === undefined) return { draft };
  return { draft, usage: { feature: deduct.feature, day: utcDay(at), count: 1, credits: deduct.amount } };
}

function refusalOf({ period }: Account, amount: Credits, available: Credits | null): DomainError | null {
  if (available !== null) return amount > available ? new InsufficientCredits(amount, available) : null;
  const most = Number.MAX_SAFE_INTEGER - period.uncharged_use;
  return amount > most ? new CreditsOutOfRange(most) : null;
}

function bookBurnt(draft: Draft, deduct: Deduct, at: Instant): Draft {
  return bookMovements(draft, usageFacts(deduct, at), burn(draft.account.lots, deduct.amount));
}

function bookCovered(draft: Draft, deduct: Deduct, at: Instant): Draft {
  const { period } = draft.account;
  const counted = withAccount(draft, { period: { ...period, uncharged_use: period.uncharged_use + deduct.amount } });
  return bookFact(counted, { ...usageFacts(deduct, at), covered_by: 'unlimited', covered_credits: deduct.amount });
}

function usageFacts({ entry_id, fingerprint, description, feature, actor }: Deduct, at: Instant): EntryFacts {
  return {
    entry_id,
    transaction_type: 'usage',
    description,
    created_at: at,
    actor,
    fingerprint,
    ...(feature === undefined ? {} : { feature }),
  };
}
