/**
 * An amount by what there is when its turn comes: so many thousandths of it, and a little more or
 * less.
 */
export interface Size {
  readonly permille: number;
  readonly plus: number;
}

/** Of the things of its kind at that time the n-th, counted around. */
type Nth = number;

export interface Use {
  readonly size: Size;
  readonly feature: string | null;
  readonly member: string | null;
}

/**
 * Something that happens to an account. Plain data: what it means is said by the state that it
 * meets.
 */
export type Happening =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wait'; readonly ms: number }
  /** Until time changes something by itself, or a millisecond before or after. */
  | { readonly kind: 'wait until due'; readonly plus_ms: number }
  | { readonly kind: 'wait until the period ends'; readonly but_hours: number }
  | { readonly kind: 'wait until a grace ends'; readonly of: 'renewal' | 'features'; readonly plus_ms: number }
  | { readonly kind: 'roll' }
  | { readonly kind: 'look ahead'; readonly ms: number }
  | { readonly kind: 'deduct'; readonly use: Use }
  /** `again` repeats the key of another item. */
  | { readonly kind: 'batch'; readonly items: readonly { readonly use: Use; readonly again: boolean }[] }
  | { readonly kind: 'hold'; readonly use: Use; readonly expires_in_s: number; readonly times: number }
  /** A hold that is opened before the end of the period and is open beyond it. */
  | { readonly kind: 'hold over the end'; readonly use: Use }
  | {
      readonly kind: 'settle';
      readonly nth: Nth;
      readonly of: 'hold' | 'payable' | 'cap';
      readonly size: Size;
      readonly if_insufficient: 'reject' | 'charge_available';
    }
  | { readonly kind: 'release'; readonly nth: Nth }
  /** Of a hold that is closed, or never was. */
  | { readonly kind: 'end a closed hold'; readonly nth: Nth; readonly by: 'settle' | 'release' }
  | {
      readonly kind: 'grant';
      readonly amount: number | 'all that fits';
      readonly expires_in_ms: number | null;
      readonly priority: number;
      readonly times: number;
    }
  | {
      readonly kind: 'refund';
      readonly nth: Nth;
      readonly of: 'last charge' | 'charge' | 'settlement' | 'partly refunded' | 'anything' | 'nothing';
      readonly size: Size | null;
    }
  | {
      readonly kind: 'override';
      readonly feature: string;
      readonly allowed: boolean | null;
      readonly expires_in_ms: number | null;
      readonly times: number;
    }
  | { readonly kind: 'cap'; readonly member: string; readonly monthly_credits: number | null }
  | { readonly kind: 'subscribe'; readonly plan: string; readonly trial_days: number | null; readonly months: number }
  | { readonly kind: 'renew'; readonly months: number }
  | { readonly kind: 'change plan'; readonly plan: string }
  | { readonly kind: 'change status'; readonly status: string }
  /** So many days from now; null is onto the beginning of the running period. */
  | { readonly kind: 'move anchor'; readonly days: number | null; readonly paid_months: number | null }
  /** The account's subscription stays unpaid, and one that it held before is paid for again. */
  | { readonly kind: 'come back'; readonly nth: Nth; readonly plan: string; readonly is_paid: boolean }
  | {
      readonly kind: 'snapshot';
      readonly subscription: number;
      readonly plan: string;
      readonly status: string;
      readonly anchor_days: number | null;
      readonly seconds: number;
      readonly fetched: boolean;
    }
  | { readonly kind: 'paid'; readonly subscription: number; readonly months: number }
  | { readonly kind: 'customer'; readonly nth: number }
  /** An earlier command once more; `changed` says something else under the same key. */
  | { readonly kind: 'again'; readonly nth: Nth; readonly changed: boolean };
