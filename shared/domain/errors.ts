import type { Credits } from './units.ts';

/** A refusal: what was asked is not possible as things stand. Nothing has changed. */
export abstract class DomainError extends Error {
  /** Stable, for programs. */
  abstract readonly code: string;
}

/** More than can be counted: the sum would pass 2^53 − 1. */
export class CreditsOutOfRange extends DomainError {
  readonly code = 'credits_out_of_range';
  readonly most: Credits;

  constructor(most: Credits) {
    super(`at most ${most} credits can be counted here`);
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
