import { createHash } from 'node:crypto';
import { type DomainError, refusal } from '../errors.ts';
import type { Lot, Share } from '../ledger/lot.ts';
import type { Credits, Instant } from '../units.ts';

/** Credits of one lot that a hold has pinned. Nothing else can spend it. */
export interface Pin {
  readonly lot_id: string;
  readonly amount: Credits;
}

/**
 * Credits set aside for work whose cost is known only afterwards: authorised now, settled or
 * released later.
 */
export interface Hold {
  readonly id: string;
  /** The credits that the hold asked for. Under an unlimited plan none are pinned. */
  readonly amount: Credits;
  /** In burn order. */
  readonly pins: readonly Pin[];
  readonly description: string;
  readonly feature: string | null;
  /** The person whose spending it is; null if a service opened it. */
  readonly member: string | null;
  /** The user who opened it; null if a service did. Only this user or a service may end it. */
  readonly opened_by: string | null;
  readonly created_at: Instant;
  /** The first moment at which it is no longer open. */
  readonly expires_at: Instant;
}

/** The most open holds that an account may have. */
export const holds_max = 100;

/**
 * The id of the hold that this request opens. The same request has the same id, so a retry opens no
 * second hold.
 */
export function holdIdOf(account_id: string, idempotency_key: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([account_id, idempotency_key]))
    .digest('base64url');
  return `hold_${hash.slice(0, 22)}`;
}

/**
 * The refusal if a user ends a hold that a service or another user opened. A service (null) may end
 * any.
 */
export function endedByAnother({ id, opened_by }: Hold, user: string | null): DomainError | null {
  return user === null || user === opened_by ? null : refusal('hold_of_another', { hold_id: id });
}

/** All that the hold has pinned, in all lots. */
export function pinnedBy({ pins }: Hold): Credits {
  return pins.reduce((sum, { amount }) => sum + amount, 0);
}

/** The lots with these shares pinned. */
export function pin(lots: readonly Lot[], shares: readonly Share[]): Lot[] {
  const pinned = new Map(shares.map(({ lot, amount }) => [lot.id, amount]));
  return lots.map((lot) => ({ ...lot, held: lot.held + (pinned.get(lot.id) ?? 0) }));
}

/** The lots without the hold's pins. */
export function unpin(lots: readonly Lot[], { pins }: Hold): Lot[] {
  const pinned = new Map(pins.map(({ lot_id, amount }) => [lot_id, amount]));
  return lots.map((lot) => ({ ...lot, held: lot.held - (pinned.get(lot.id) ?? 0) }));
}
