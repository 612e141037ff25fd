import type { Entry } from '../ledger/entry.ts';
import type { Credits } from '../units.ts';
import type { Member } from './member.ts';
import type { Payment } from './payment.ts';

/** How much of a charge was given back. */
export interface RefundedCharge {
  readonly entry_id: string;
  readonly refunded_credits: Credits;
}

/** What the ledger has under a key: an entry, or none. */
export interface Evidence {
  readonly entry_id: string;
  readonly entry: Entry | null;
}

/**
 * Rows of an account that are too many for its item. Only rows are here that a decision has asked
 * for. They change only together with the account, so its version guards them too.
 */
export interface Rows {
  readonly members: readonly Member[];
  readonly refunded: readonly RefundedCharge[];
  readonly payments: readonly Payment[];
  readonly evidence: readonly Evidence[];
}

export const no_rows: Rows = { members: [], refunded: [], payments: [], evidence: [] };

/** Whatever has rows: an account. */
interface HasRows {
  readonly rows: Rows;
}

/** Names a row that a decision needs. */
export interface RowKey {
  readonly kind: 'member' | 'refunded' | 'payment' | 'entry';
  /** The member, the entry's id, or the payment's id. */
  readonly id: string;
}

/** The member's row; undefined if it was not read. */
export function memberOf({ rows }: HasRows, id: string): Member | undefined {
  return rows.members.find(({ member }) => member === id);
}

/** The charge's row; undefined if it was not read. */
export function refundedOf({ rows }: HasRows, id: string): RefundedCharge | undefined {
  return rows.refunded.find(({ entry_id }) => entry_id === id);
}

/** What the ledger has under this key; undefined if nobody looked it up. */
export function evidenceOf({ rows }: HasRows, id: string): Evidence | undefined {
  return rows.evidence.find(({ entry_id }) => entry_id === id);
}

/** The account with this row of a member. */
export function withMember<A extends HasRows>(account: A, changed: Member): A {
  const others = account.rows.members.filter(({ member }) => member !== changed.member);
  return { ...account, rows: { ...account.rows, members: [...others, changed] } };
}

/** The account with this row of a charge. */
export function withRefunded<A extends HasRows>(account: A, changed: RefundedCharge): A {
  const others = account.rows.refunded.filter(({ entry_id }) => entry_id !== changed.entry_id);
  return { ...account, rows: { ...account.rows, refunded: [...others, changed] } };
}

/** The payment's row; undefined if it was not read. */
export function paymentOf({ rows }: HasRows, id: string): Payment | undefined {
  return rows.payments.find(({ payment_id }) => payment_id === id);
}

/** The account with this row of a payment. */
export function withPayment<A extends HasRows>(account: A, changed: Payment): A {
  const others = account.rows.payments.filter(({ payment_id }) => payment_id !== changed.payment_id);
  return { ...account, rows: { ...account.rows, payments: [...others, changed] } };
}
