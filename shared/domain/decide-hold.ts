import { type Account, availableCredits, isUnlimited } from './account.ts';
import { chargedTo } from './charge.ts';
import { unaffordable } from './decide-deduct.ts';
import type { Decision } from './decision.ts';
import { bookFact, notBefore, withAccount } from './draft.ts';
import { TooManyHolds } from './errors.ts';
import { type Hold, holds_max, pin } from './hold.ts';
import { sharesOf } from './lot.ts';
import { overCap, spenderOf } from './member.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import type { Credits, Instant } from './units.ts';

export interface OpenHold {
  readonly hold_id: string;
  readonly fingerprint: string;
  readonly amount: Credits;
  readonly description: string;
  readonly feature?: string | undefined;
  readonly expires_in_s: number;
  readonly actor: string;
  /** The user who opens it; null for a service. */
  readonly user: string | null;
  /** The person whose spending it will be; absent for a service. */
  readonly member?: string | undefined;
}

/**
 * Pins the amount inside the lots that would be spent, all or nothing: `TooManyHolds`, `MemberCapExceeded`, `InsufficientCredits`.
 * Under an unlimited plan nothing is pinned; what its settlement costs is decided then.
 */
export function decideHold(account: Account, open: OpenHold, catalog: Catalog, now: Instant): Decision {
  const { hold_id, amount, feature, description } = open;
  const rolled = rollForward(account, catalog, now);
  const at = notBefore(account, now);
  const spender = spenderOf(rolled.account, open.member ?? null);
  if ('missing' in spender) return spender;
  if (rolled.account.holds.length >= holds_max) return { rejected: new TooManyHolds(holds_max) };
  const refusal =
    overCap(rolled.account, spender.member, amount, at) ??
    unaffordable(rolled.account, amount, availableCredits(rolled.account, catalog, at));
  if (refusal !== null) return { rejected: refusal };

  const { lots, holds } = rolled.account;
  const shares = isUnlimited(rolled.account, catalog, at) ? [] : sharesOf(lots, amount);
  const hold: Hold = {
    id: hold_id,
    amount,
    parts: shares.map((share) => ({ lot_id: share.lot.id, amount: share.amount })),
    description,
    feature: feature ?? null,
    member: open.member ?? null,
    opened_by: open.user,
    created_at: at,
    expires_at: at + open.expires_in_s * 1_000,
  };
  const held = withAccount(rolled, { lots: pin(lots, shares), holds: [...holds, hold] });
  const draft = bookFact(held, {
    entry_id: `hold:${hold_id}`,
    transaction_type: 'hold',
    description,
    created_at: at,
    actor: open.actor,
    fingerprint: open.fingerprint,
    ...chargedTo(feature, null),
    hold_id,
    held_credits: amount,
    hold_expires_at: hold.expires_at,
  });
  return { draft };
}
