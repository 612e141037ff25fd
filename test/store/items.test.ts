import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Account } from '../../shared/domain/account/account.ts';
import { no_rows } from '../../shared/domain/account/rows.ts';
import { type Entry, transaction_types } from '../../shared/domain/ledger/entry.ts';
import { fromAccountItem, toAccountItem } from '../../shared/store/account-item.ts';
import { fromEntryItem, toEntryItem } from '../../shared/store/entry-item.ts';
import { catalog, test_now } from '../engines/engines.ts';

/** As the database keeps an item and gives it back. */
function stored(item: Record<string, unknown>): unknown {
  return unmarshall(marshall(item, { removeUndefinedValues: true }));
}

const credits = fc.oneof(fc.nat(1_000), fc.maxSafeNat());
const instants = fc.integer({ min: test_now - 40 * 86_400_000, max: test_now + 400 * 86_400_000 });
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const kinds = fc.constantFrom('monthly' as const, 'bonus' as const, 'purchase' as const, 'rollover' as const);
const plans = fc.constantFrom(...catalog.plans.map(({ id }) => id));
const terms = { amount: credits, priority: fc.nat(100), expires_at: orNull(instants), created_at: instants };

const lots = fc.record({ id: text, kind: kinds, ...terms, remaining: credits, held: credits, is_closed: fc.boolean() });
const holds = fc.record({
  id: text,
  amount: credits,
  pins: fc.array(fc.record({ lot_id: text, amount: credits }), { maxLength: 4 }),
  description: text,
  feature: orNull(text),
  member: orNull(text),
  opened_by: orNull(text),
  created_at: instants,
  expires_at: instants,
});
const past = {
  paid: orNull(fc.record({ from: instants, through: instants })),
  left: orNull(fc.record({ anchor_at: instants, index: fc.integer({ min: -2, max: 20 }), used: credits })),
  gone_back_from: instants,
};
const former = fc.record(
  { stripe_subscription_id: text, has_ended: fc.boolean(), ...past },
  { requiredKeys: ['stripe_subscription_id', 'has_ended', 'paid', 'left'] },
);
const snapshot = {
  stripe_subscription_id: text,
  plan: plans,
  interval: fc.constantFrom('month' as const, 'year' as const),
  status: fc.constantFrom('active', 'past_due', 'canceled', 'a word that is new'),
  billing_cycle_anchor: instants,
  current_period_end: instants,
  cancel_at_period_end: fc.boolean(),
  snapshot_at: instants,
};
const subscriptions = fc.record(
  {
    ...snapshot,
    ...past,
    item: fc.record({ stripe_item_id: text, stripe_price_id: text }),
    former: fc.array(former, { minLength: 1, maxLength: 3 }),
  },
  {
    requiredKeys: [
      'stripe_subscription_id',
      'plan',
      'interval',
      'status',
      'billing_cycle_anchor',
      'current_period_end',
      'cancel_at_period_end',
      'snapshot_at',
      'paid',
      'left',
    ],
  },
);
const accounts: fc.Arbitrary<Account> = fc.record({
  account_id: text,
  version: fc.nat(),
  seq: fc.integer({ min: 1 }),
  head_hash: text,
  created_at: instants,
  updated_at: instants,
  period: fc.record({
    plan: plans,
    stripe_subscription_id: orNull(text),
    anchor_at: instants,
    index: fc.integer({ min: -2, max: 20 }),
    uncharged_use: credits,
    opened_seq: fc.nat(),
  }),
  lots: fc.array(lots, { maxLength: 5 }),
  holds: fc.array(holds, { maxLength: 5 }),
  overrides: fc.array(fc.record({ feature: text, allowed: fc.boolean(), expires_at: orNull(instants) }), {
    maxLength: 5,
  }),
  counts_members: fc.boolean(),
  subscription: orNull(subscriptions),
  former_customers: fc.array(text, { maxLength: 3 }),
  stripe_customer_id: orNull(text),
  rows: fc.constant(no_rows),
});

const entries: fc.Arbitrary<Entry> = fc.record(
  {
    account_id: text,
    entry_id: text,
    seq: fc.nat(),
    transaction_type: fc.constantFrom(...transaction_types),
    amount: fc.maxSafeInteger(),
    balance_after: credits,
    lots: fc.array(
      fc.record(
        { id: text, kind: kinds, amount: fc.maxSafeInteger(), terms: fc.record(terms) },
        { requiredKeys: ['id', 'kind', 'amount'] },
      ),
      { maxLength: 4 },
    ),
    description: text,
    created_at: instants,
    actor: text,
    fingerprint: orNull(text),
    hash: text,
    feature: text,
    covered_by: fc.constant('unlimited' as const),
    covered_credits: credits,
    skipped_periods: fc.nat(),
    hold_id: text,
    held_credits: credits,
    hold_expires_at: instants,
    shortfall_credits: credits,
    refunds: text,
    member: text,
  },
  {
    requiredKeys: [
      'account_id',
      'entry_id',
      'seq',
      'transaction_type',
      'amount',
      'balance_after',
      'lots',
      'description',
      'created_at',
      'actor',
      'fingerprint',
      'hash',
    ],
  },
);

test('an item gives back the account it was made of, whatever is in it', () => {
  fc.assert(
    fc.property(accounts, (account) => {
      expect(fromAccountItem(stored(toAccountItem(account, catalog, 16)))).toEqual(account);
    }),
    { numRuns: 500 },
  );
});

test('rows that a decision has looked up are no part of the account’s item', () => {
  fc.assert(
    fc.property(accounts, (account) => {
      const member = { member: 'ann', monthly_credits: 1, month: '2026-11', used_credits: 1 };
      const rows = { members: [member], refunded: [], payments: [], evidence: [{ entry_id: 'use:k', entry: null }] };
      expect(toAccountItem({ ...account, rows }, catalog, 16)).toEqual(toAccountItem(account, catalog, 16));
    }),
    { numRuns: 50 },
  );
});

test('an item gives back the entry it was made of, whatever is in it', () => {
  fc.assert(
    fc.property(entries, (entry) => {
      expect(fromEntryItem(stored(toEntryItem(entry)))).toEqual(entry);
    }),
    { numRuns: 500 },
  );
});
