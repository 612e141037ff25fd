import { refusal } from '../domain/errors.ts';
import type { Decide } from '../domain/time/decision.ts';
import { findAccountByCustomer } from '../store/customers.ts';
import type { Database } from '../store/database.ts';
import type { Subject } from './stripe-command.ts';

/**
 * The account of an event: the one that has the customer, else the one that the metadata names;
 * null when neither is known.
 */
export async function findAccount(database: Database, subject: Subject): Promise<string | null> {
  return (await findAccountByCustomer(database, subject.stripe_customer_id)) ?? subject.account_id;
}

/** The decision, unless the account has another customer: then `customer_mismatch`. */
export function forCustomer({ stripe_customer_id }: Subject, decide: Decide): Decide {
  return (present) => {
    const { stripe_customer_id: own, former_customers } = present.draft.account;
    const is_own = own === null || own === stripe_customer_id || former_customers.includes(stripe_customer_id);
    return is_own ? decide(present) : { refused: refusal('customer_mismatch', {}) };
  };
}
