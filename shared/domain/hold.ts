import { createHash } from 'node:crypto';
import { HoldOfAnother } from './errors.ts';
import type { Lot, Share } from './lot.ts';
import type { Credits, Instant } from './units.ts';

/** A part of a lot that a hold has pinned: nothing else can spend it. */
export interface HoldPart {
  readonly lot_id: string;
  readonly amount: Credits;
}

/** Credits set aside for work whose cost is known only afterwards: authorised now, settled or released later. */
export interface Hold {
  readonly id: string;
  /** What was asked for. Under an unlimited plan nothing is pinned for it. */
  readonly amount: Credits;
  /** In the order in which the lots would have been spent. */
  readonly parts: readonly HoldPart[];
  readonly description: string;
  readonly feature: string | null;
  /** Whose spending it counts as, when a user opened it. */
  readonly member: string | null;
  /** The user who opened it, who alone may end it beside services; null when a service has opened it. */
  readonly opened_by: string | null;
  readonly created_at: Instant;
  /** The first moment at which it is no longer open. */
  readonly expires_at: Instant;
}

/** How many holds an account may have open. */
export const holds_max = 100;

/** The id of the hold that this request opens: the same for the same request, so that a retry opens no second one. */
export function holdIdOf(account_id: string, idempotency_key: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([account_id, idempotency_key]))
    .digest('base64url');
  return `hold_${hash.slice(0, 22)}`;
}

/** Refuses a user who ends a hold that a service, or another user, has opened. A service (null) may end any. */
export function endedByAnother({ id, opened_by }: Hold, user: string | null): HoldOfAnother | null {
  return user === null || user === opened_by ? null : new HoldOfAnother(id);
}

/** What the hold has pinned, in all lots together. */
export function pinnedBy({ parts }: Hold): Credits {
  return parts.reduce((sum, part) => sum + part.amount, 0);
}

/** The lots with these shares pinned. */
export function pin(lots: readonly Lot[], shares: readonly Share[]): Lot[] {
  const pinned = new Map(shares.map(({ lot, amount }) => [lot.id, amount]));
  return lots.map((lot) => ({ ...lot, held: lot.held + (pinned.get(lot.id) ?? 0) }));
}

/** The lots without the hold's pins. */
export function unpin(lots: readonly Lot[], { parts }: Hold): Lot[] {
  const pinned = new Map(parts.map(({ lot_id, amount }) => [lot_id, amount]));
  return lots.map((lot) => ({ ...lot, held: lot.held - (pinned.get(lot.id) ?? 0) }));
}
