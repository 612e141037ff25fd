import type { Credits } from './units.ts';

/** A refusal: the request is not possible as things stand. Nothing has changed. */
export abstract class DomainError extends Error {
  /** Stable, for programs. */
  abstract readonly code: string;
}

/** More than can be counted or kept. */
export class CreditsOutOfRange extends DomainError {
  readonly code = 'credits_out_of_range';
  readonly most: Credits;

  constructor(most: Credits) {
    super(`must be at most ${most} here: the account could not count more`);
    this.name = 'CreditsOutOfRange';
    this.most = most;
  }
}

/** Fewer credits are available than are required. */
export class InsufficientCredits extends DomainError {
  readonly code = 'insufficient_credits';
  readonly required: Credits;
  readonly available_credits: Credits;

  constructor(required: Credits, available_credits: Credits) {
    super(`${required} credits are required, ${available_credits} are available`);
    this.name = 'InsufficientCredits';
    this.required = required;
    this.available_credits = available_credits;
  }
}

/** The member's spending of this month, its open holds included, would pass its cap. */
export class MemberCapExceeded extends DomainError {
  readonly code = 'member_cap_exceeded';
  readonly required: Credits;
  readonly monthly_credits: Credits;
  /** Charged this month, and held now. */
  readonly used_credits: Credits;

  constructor(required: Credits, monthly_credits: Credits, used_credits: Credits) {
    super(
      `${required} credits are required; of the member's ${monthly_credits} a month ${used_credits} are used or held`,
    );
    this.name = 'MemberCapExceeded';
    this.required = required;
    this.monthly_credits = monthly_credits;
    this.used_credits = used_credits;
  }
}

/** The account has as many open holds as it may have. */
export class TooManyHolds extends DomainError {
  readonly code = 'too_many_holds';
  constructor(holds_max: number) {
    super(`an account may have ${holds_max} open holds; settle or release one first`);
    this.name = 'TooManyHolds';
  }
}

/**
 * The hold was settled, released or has expired, or this settlement differs from the one that ended
 * it.
 */
export class HoldClosed extends DomainError {
  readonly code = 'hold_closed';
  constructor(hold_id: string) {
    super(`the hold ${hold_id} is no longer open: it was settled or released, or it has expired`);
    this.name = 'HoldClosed';
  }
}

/** A user may end only the holds that this user has opened. */
export class HoldOfAnother extends DomainError {
  readonly code = 'hold_of_another';
  constructor(hold_id: string) {
    super(`the hold ${hold_id} was opened by somebody else; only they, or a service, can settle or release it`);
    this.name = 'HoldOfAnother';
  }
}

/** The account never had such a hold. */
export class HoldNotFound extends DomainError {
  readonly code = 'not_found';
  constructor() {
    super('the account has no hold with this id');
    this.name = 'HoldNotFound';
  }
}

/** The account's ledger has no such entry. */
export class EntryNotFound extends DomainError {
  readonly code = 'not_found';
  constructor() {
    super('the account has no transaction with this entry_id');
    this.name = 'EntryNotFound';
  }
}

/** The refund is more than what was charged and not given back yet. */
export class RefundExceedsCharge extends DomainError {
  readonly code = 'refund_exceeds_charge';
  readonly refundable_credits: Credits;

  constructor(refundable_credits: Credits) {
    super(`${refundable_credits} credits of this transaction can be refunded`);
    this.name = 'RefundExceedsCharge';
    this.refundable_credits = refundable_credits;
  }
}

/** The expiry is not in the future. */
export class ExpiryInPast extends DomainError {
  readonly code = 'expiry_in_past';
  constructor() {
    super('must lie in the future');
    this.name = 'ExpiryInPast';
  }
}

/** The account has as many granted lots as it may have. */
export class TooManyLots extends DomainError {
  readonly code = 'too_many_lots';
  constructor(granted_lots_max: number) {
    super(
      `an account may have ${granted_lots_max} grants that are not used up; grant again when one is, or fewer and larger ones`,
    );
    this.name = 'TooManyLots';
  }
}

/** The account has as many feature overrides as it may have. */
export class TooManyOverrides extends DomainError {
  readonly code = 'too_many_overrides';
  constructor(overrides_max: number) {
    super(`an account may have ${overrides_max} feature overrides; delete one first`);
    this.name = 'TooManyOverrides';
  }
}
