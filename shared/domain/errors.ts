import type { Credits } from './units.ts';

type NoMembers = Readonly<Record<never, never>>;

/** Every refusal by its code, with what it tells programs. */
export interface RefusalMembers {
  /** More than can be counted or kept. */
  credits_out_of_range: { readonly most: Credits };
  /** Fewer credits are available than are required. */
  insufficient_credits: { readonly required: Credits; readonly available_credits: Credits };
  /**
   * The member's spending of this month, its open holds included, would pass its cap.
   * `used_credits` are charged this month, or held now.
   */
  member_cap_exceeded: {
    readonly required: Credits;
    readonly monthly_credits: Credits;
    readonly used_credits: Credits;
  };
  /** The account has as many open holds as it may have. */
  too_many_holds: { readonly holds_max: number };
  /**
   * The hold was settled, released or has expired, or this settlement differs from the one that
   * ended it.
   */
  hold_closed: { readonly hold_id: string };
  /** A user may end only the holds that this user has opened. */
  hold_of_another: { readonly hold_id: string };
  /** The account never had such a hold. */
  hold_not_found: NoMembers;
  /** The account's ledger has no such entry. */
  entry_not_found: NoMembers;
  /** The refund is more than what was charged and not given back yet. */
  refund_exceeds_charge: { readonly refundable_credits: Credits };
  /** The expiry is not in the future. */
  expiry_in_past: NoMembers;
  /** The account has as many granted lots as it may have. */
  too_many_lots: { readonly granted_lots_max: number };
  /** The account has as many feature overrides as it may have. */
  too_many_overrides: { readonly overrides_max: number };
  /**
   * The snapshot is older than what the account knows of the subscription, or of one that has ended
   * meanwhile.
   */
  stale_snapshot: NoMembers;
  /** The account has another Stripe customer than the event. */
  customer_mismatch: NoMembers;
  /** The key was used before, for another request. */
  idempotency_key_reused: NoMembers;
}

export type RefusalCode = keyof RefusalMembers;

/** What each refusal tells people. */
const messages: { readonly [Code in RefusalCode]: (members: RefusalMembers[Code]) => string } = {
  credits_out_of_range: ({ most }) => `must be at most ${most} here: the account could not count more`,
  insufficient_credits: ({ required, available_credits }) =>
    `${required} credits are required, ${available_credits} are available`,
  member_cap_exceeded: ({ required, monthly_credits, used_credits }) =>
    `${required} credits are required; of the member's ${monthly_credits} a month ${used_credits} are used or held`,
  too_many_holds: ({ holds_max }) => `an account may have ${holds_max} open holds; settle or release one first`,
  hold_closed: ({ hold_id }) => `the hold ${hold_id} is no longer open: it was settled or released, or it has expired`,
  hold_of_another: ({ hold_id }) =>
    `the hold ${hold_id} was opened by somebody else; only they, or a service, can settle or release it`,
  hold_not_found: () => 'the account has no hold with this id',
  entry_not_found: () => 'the account has no transaction with this entry_id',
  refund_exceeds_charge: ({ refundable_credits }) =>
    `${refundable_credits} credits of this transaction can be refunded`,
  expiry_in_past: () => 'must lie in the future',
  too_many_lots: ({ granted_lots_max }) =>
    `an account may have ${granted_lots_max} grants that are not used up; grant again when one is, or fewer and larger ones`,
  too_many_overrides: ({ overrides_max }) => `an account may have ${overrides_max} feature overrides; delete one first`,
  stale_snapshot: () => 'the account has seen a newer state of its subscription',
  customer_mismatch: () => 'the account has another Stripe customer',
  idempotency_key_reused: () =>
    'this idempotency key was used before with another request; use a new key, or send the first request again',
};

/** A refusal: the request is not possible as things stand. Nothing has changed. */
export class DomainError<Code extends RefusalCode = RefusalCode> extends Error {
  /** Stable, for programs. */
  readonly code: Code;
  readonly members: RefusalMembers[Code];

  constructor(code: Code, message: string, members: RefusalMembers[Code]) {
    super(message);
    // Logs leave messages out, so the name says which refusal it is.
    this.name = code;
    this.code = code;
    this.members = members;
  }
}

/** The refusal of this code, with the message that its members make. */
export function refusal<Code extends RefusalCode>(code: Code, members: RefusalMembers[Code]): DomainError<Code> {
  return new DomainError(code, messages[code](members), members);
}

/**
 * Something that the request needs did not answer. The request may have taken effect all the same:
 * the same request with the same key finds out.
 */
export abstract class Unavailable extends Error {
  abstract readonly code: 'account_busy' | 'stripe_unavailable';
}
