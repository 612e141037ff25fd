import { randomUUID } from 'node:crypto';
import type { Account } from '../shared/domain/account/account.ts';
import { bookNewLot } from '../shared/domain/account/draft.ts';
import { decideSubscription } from '../shared/domain/billing/decide-subscription.ts';
import { default_priority } from '../shared/domain/ledger/lot.ts';
import { decideDeduct } from '../shared/domain/spend/decide-deduct.ts';
import { day_ms, type Instant } from '../shared/domain/units.ts';
import type { Accounts, Command, Outcome } from '../shared/store/accounts.ts';

/** What every bench account has bought: more than any run can spend. */
const purchased_credits = 1_000_000_000;
const purchase_id = 'purchase:pi_3QOaXY2eZvKYlo2C1abcdEFG';

/** A new account of a paying customer: a paid plan, its monthly lot and a purchased one. */
export async function openAccount(accounts: Accounts): Promise<Account> {
  const { account } = await accounts.transact(randomUUID(), {
    entry_id: purchase_id,
    fingerprint: null,
    decide(present) {
      const subscribed = decideSubscription(subscriptionFrom(present.at))(present);
      if (!('draft' in subscribed)) return subscribed;
      const facts = {
        entry_id: purchase_id,
        transaction_type: 'purchase',
        description: 'a pack',
        created_at: present.at,
        actor: 'stripe',
        fingerprint: null,
      } as const;
      const lot = {
        kind: 'purchase',
        amount: purchased_credits,
        remaining: purchased_credits,
        priority: default_priority,
        expires_at: null,
      } as const;
      return { draft: bookNewLot(subscribed.draft, facts, lot) };
    },
  });
  return account;
}

/** News of a paid subscription. */
export function subscriptionFrom(now: Instant) {
  const stripe_subscription_id = 'sub_1QOaXY2eZvKYlo2CabcdEFGH';
  return {
    stripe_subscription_id,
    stripe_customer_id: 'cus_RHabcdefghijkl',
    snapshot: {
      stripe_subscription_id,
      plan: 'pro',
      interval: 'month',
      status: 'active',
      billing_cycle_anchor: now,
      current_period_end: now + 28 * day_ms,
      cancel_at_period_end: false,
      snapshot_at: now,
    },
    paid: [{ from: now, through: now + 28 * day_ms }],
  } as const;
}

/** A deduction of one credit, as the deduct route makes it. */
export function deductOne(key: string = randomUUID()): Command & { entry_id: string } {
  const entry_id = `use:${key}`;
  const fingerprint = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
  const deduct = { entry_id, fingerprint, amount: 1, description: 'Image generation, 1024×1024', actor: randomUUID() };
  return { entry_id, fingerprint, decide: decideDeduct(deduct) };
}

/** The outcome's own entry. */
export function entryOf({ entry }: Outcome) {
  if (entry === null) throw new Error('a deduction has an entry');
  return entry;
}
