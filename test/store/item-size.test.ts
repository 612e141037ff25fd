import { expect, test } from 'vitest';
import { itemBytes, writeUnits } from '../../bench/item-bytes.ts';
import { type Account, newAccount } from '../../shared/domain/account/account.ts';
import type { Hold } from '../../shared/domain/account/hold.ts';
import type { Lot } from '../../shared/domain/ledger/lot.ts';
import { decideDeduct } from '../../shared/domain/spend/decide-deduct.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { rollForward } from '../../shared/domain/time/roll-forward.ts';
import { fromAccountItem, toAccountItem } from '../../shared/store/account-item.ts';
import { toEntryItem } from '../../shared/store/entry-item.ts';
import { catalog, test_now } from '../engines/engines.ts';

function lot(number: number): Lot {
  return {
    id: `lot_${1000 + number}`,
    kind: 'purchase',
    amount: 123_456,
    remaining: 98_765,
    held: 1_234,
    priority: 40 + number,
    expires_at: test_now + 90 * 86_400_000 + 123,
    created_at: test_now - 12_345,
    is_closed: false,
  };
}

/** Long ids, a live subscription and four lots, every attribute present. */
function richAccount(): Account {
  const opened = rollForward(
    newAccount('org_01JD4K7Z8Q5W6E7R8T9Y0VABCD', catalog, test_now),
    catalog,
    test_now,
  ).account;
  const stripe_subscription_id = 'sub_1QOaXY2eZvKYlo2CabcdEFGH';
  return {
    ...opened,
    version: 123_456,
    seq: 234_567,
    period: {
      plan: 'pro_plus',
      stripe_subscription_id,
      anchor_at: test_now - 999,
      index: 12,
      uncharged_use: 12_345,
      opened_seq: 234_000,
    },
    lots: [...opened.lots, lot(1), lot(2), lot(3)],
    stripe_customer_id: 'cus_RHabcdefghijkl',
    subscription: {
      stripe_subscription_id,
      plan: 'pro_plus',
      interval: 'month',
      status: 'trialing',
      billing_cycle_anchor: test_now,
      current_period_end: test_now + 31 * 86_400_000,
      cancel_at_period_end: false,
      snapshot_at: test_now,
      paid: { from: test_now, through: test_now + 31 * 86_400_000 },
      left: null,
    },
  };
}

test('an account with four lots, a subscription and long ids is below 1 KB, index keys included', () => {
  expect(itemBytes(toAccountItem(richAccount(), catalog, 16))).toBeLessThan(1024);
});

test('an item gives back the account it was made of', () => {
  const account = richAccount();
  expect(fromAccountItem(toAccountItem(account, catalog, 16))).toEqual(account);
});

test('a deduction without a feature is 5 write units: 2 × 2 in the transaction, 1 for the index by_seq', () => {
  const account = richAccount();
  const deduct = {
    entry_id: 'use:5f0d7c1e-8e0b-4c0f-9d0e-2f6b7a8c9d01',
    fingerprint: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    amount: 25,
    description: 'Image generation, 1024×1024, 4 variants',
    actor: 'auth0|64b7f0c2a1d3e4f5a6b7c8d9',
  };
  const decision = decideDeduct(deduct)(presentOf(account, catalog, test_now));
  if (!('draft' in decision)) throw new Error('a deduction that can be afforded is a draft');
  const [entry] = decision.draft.entries;
  if (entry === undefined) throw new Error('a deduction has an entry');
  const account_units = writeUnits(toAccountItem(decision.draft.account, catalog, 16));
  const entry_units = writeUnits(toEntryItem(entry));
  expect(2 * (account_units + entry_units) + entry_units).toBe(5);
});

test('what an account does not have takes no room in its item', () => {
  const opened = rollForward(newAccount('acct_1', catalog, test_now), catalog, test_now).account;
  const item = toAccountItem(opened, catalog, 16);
  expect(Object.keys(item).toSorted()).toEqual([
    'account_id',
    'created_at',
    'due_at',
    'due_shard',
    'head_hash',
    'lots',
    'period',
    'seq',
    'updated_at',
    'version',
  ]);
});

/** One of 100 holds, over four lots. */
function hold(number: number, description: string): Hold {
  return {
    id: `hold_${'x'.repeat(20)}${number}`,
    amount: 1_234,
    pins: [1, 2, 3, 4].map((place) => ({ lot_id: `lot_${1000 + place}`, amount: 308 })),
    description,
    feature: 'f'.repeat(64),
    member: 'auth0|64b7f0c2a1d3e4f5a6b7c8d9',
    opened_by: 'auth0|64b7f0c2a1d3e4f5a6b7c8d9',
    created_at: test_now - 12_345,
    expires_at: test_now + 3_600_123,
  };
}

test('an account with as much as it may have, and the longest texts, is far below the 400 KB of an item', () => {
  const each = Array.from({ length: 100 }, (_, number) => number);
  const account = {
    ...richAccount(),
    lots: each.map(lot),
    holds: each.map((number) => hold(number, '金'.repeat(500))),
    overrides: each.map((number) => ({
      feature: `${'o'.repeat(61)}${number}`,
      allowed: true,
      expires_at: test_now + 12_345,
    })),
  };
  expect(itemBytes(toAccountItem(account, catalog, 16))).toBeLessThan(240_000);
});

test('100 open holds with ordinary descriptions add less than 45 KB to an item', () => {
  const holds = Array.from({ length: 100 }, (_, number) => hold(number, 'Video rendering, 1080p, up to 90 s'));
  const [with_holds, without] = [{ ...richAccount(), holds }, richAccount()].map((account) =>
    itemBytes(toAccountItem(account, catalog, 16)),
  );
  expect((with_holds ?? 0) - (without ?? 0)).toBeLessThan(45_000);
});
