import { composeWith, type Deps } from '../../functions/composition.ts';
import { clock } from '../../functions/process.ts';
import { type Account, newAccount } from '../../shared/domain/account/account.ts';
import type { Draft } from '../../shared/domain/account/draft.ts';
import { holdIdOf } from '../../shared/domain/account/hold.ts';
import { decideSubscription } from '../../shared/domain/billing/decide-subscription.ts';
import { decideHold } from '../../shared/domain/spend/decide-hold.ts';
import { decideSettle } from '../../shared/domain/spend/decide-settle.ts';
import type { Decision } from '../../shared/domain/time/decision.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { rollForward } from '../../shared/domain/time/roll-forward.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { toAccountItem } from '../../shared/store/account-item.ts';
import { toEntryItem } from '../../shared/store/entry-item.ts';
import { deductOne, openAccount, subscriptionFrom } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { itemBytes, writeUnits } from '../item-bytes.ts';
import { costOf, type Use } from '../prices.ts';
import { silentDatabase } from '../silent-database.ts';

/**
 * Assumed; nobody has measured it on AWS. Half a gigabyte for 20 ms; a sweep and an event of Stripe
 * take the same.
 */
const gb_seconds = 0.5 * 0.02;
/** Assumed: the log of function and API per request. */
const logged_gb = 1_000e-9;
/** How long the entry of a command is stored in its cost. Entries are never deleted. */
const kept_months = 12;
/** An account's month. Each event of a renewal counts as much as the dearest one. */
const per_month = { deducts: 300, checks: 300, events: 5, resets: 1 };
const active_accounts = { '1k': 1e3, '100k': 1e5, '10M': 1e7 };
/** As the routes make them: a hold of 50 credits for an hour, of which 13 are charged. */
const hold_id = holdIdOf('acct', 'a key');
const by = { fingerprint: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU', actor: 'backend', user: null };
const open_hold = { ...by, hold_id, amount: 50, description: 'Answer a question', expires_in_s: 3_600 };
const settle = { ...by, hold_id, amount: 13, if_insufficient: 'reject' } as const;
/** DynamoDB's limit on a partition: one value of due_shard in the index by_due. */
const partition_units_per_s = 1_000;

/**
 * The cost of a million calls, and of a month of some accounts, from counted units, assumed
 * durations and a table of prices.
 */
export async function measureCosts(): Promise<Figure[]> {
  const uses = await countUses();
  const costs = Object.fromEntries(Object.entries(uses).map(([name, use]) => [name, costOf(use)]));
  const { deduct = 0, check = 0, webhook = 0, reset = 0 } = costs;
  const { deducts, checks, events, resets } = per_month;
  const month = deducts * deduct + checks * check + events * webhook + resets * reset;
  return [
    ...Object.entries(uses).map(([name, use]) => figure(`write_units.${name}`, [use.write_unit ?? 0])),
    ...Object.entries(costs).map(([name, cost]) => figure(`cost_per_million.${name}`, [1e6 * cost])),
    ...Object.entries(active_accounts).map(([name, count]) => figure(`monthly_bill.${name}`, [count * month])),
    ...sweepsOnAws(reset),
  ];
}

/**
 * The cost of sweeping all accounts in one hour, and the least time that the shards of by_due need.
 */
function sweepsOnAws(reset: number): Figure[] {
  const { due_shards } = composeWith({ database: silentDatabase(), clock }).config.sweep;
  return Object.entries({ '1M': 1e6, '100M': 1e8 }).flatMap(([name, due]) => [
    figure(`sweep_cost.${name}`, [due * reset]),
    // The row of by_due moves: one unit removes it, one puts it to its new place.
    figure(`sweep_index_hours.${name}`, [(2 * due) / (due_shards * partition_units_per_s) / 3_600]),
    figure(`sweep_shards_for_an_hour.${name}`, [Math.ceil((2 * due) / (partition_units_per_s * 3_600))]),
  ]);
}

type Counted = 'deduct' | 'hold' | 'settle' | 'check' | 'webhook' | 'reset';

async function countUses(): Promise<Record<Counted, Use>> {
  const deps = composeWith({ database: silentDatabase(), clock });
  const { catalog } = deps;
  const now = clock();
  const paying = await openAccount(deps.accounts);
  const past = now - 40 * day_ms;
  const free = rollForward(newAccount('acct', catalog, past), catalog, past).account;

  const deduct = draftOf(deductOne().decide(presentOf(paying, catalog, now)));
  const held = draftOf(decideHold(open_hold)(presentOf(paying, catalog, now)));
  const settled = draftOf(decideSettle(settle)(presentOf(held.account, catalog, now)));
  const subscribed = draftOf(decideSubscription(subscriptionFrom(now))(presentOf(free, catalog, now)));
  const api = { http_api_request: 1, lambda_request: 1, lambda_gb_second: gb_seconds, log_gb: logged_gb };
  const command = (before: Account, draft: Draft): Use => ({
    ...api,
    read_unit: readUnits(deps, before),
    write_unit: unitsOf(deps, before, draft),
    // In the table and in by_seq, for a year.
    stored_gb:
      draft.entries.reduce((bytes, entry) => bytes + 2 * itemBytes(toEntryItem(entry)), 0) * kept_months * 1e-9,
  });
  return {
    deduct: command(paying, deduct),
    hold: command(paying, held),
    settle: command(held.account, settled),
    check: { ...api, read_unit: readUnits(deps, paying) },
    // The receiver and, one event at a time, the worker: sent, received, deleted. The marker is one
    // more item of the transaction.
    webhook: {
      http_api_request: 1,
      lambda_request: 2,
      lambda_gb_second: 2 * 2 * gb_seconds,
      log_gb: 2 * logged_gb,
      sqs_fifo_request: 3,
      // Finding the account by its customer, and reading it.
      read_unit: 2,
      write_unit: unitsOf(deps, free, subscribed) + 2,
    },
    reset: {
      // Eight at a time in a function of a gigabyte.
      lambda_gb_second: (2 * gb_seconds) / 8,
      read_unit: 1,
      write_unit: unitsOf(deps, free, rollForward(free, catalog, now)),
    },
  };
}

/** Units of a consistent read of the account. */
function readUnits(deps: Deps, account: Account): number {
  return Math.ceil(itemBytes(itemOf(deps, account)) / 4096);
}

/**
 * Units of one transaction by DynamoDB's rules: twice each item, each entry once more in by_seq,
 * and the rows of by_due and by_stripe_customer that move.
 */
function unitsOf(deps: Deps, before: Account, { account, entries }: Draft): number {
  const [old, changed] = [itemOf(deps, before), itemOf(deps, account)];
  const moved =
    (old.due_at === changed.due_at ? 0 : 2) + (old.stripe_customer_id === changed.stripe_customer_id ? 0 : 1);
  const written = entries.map((entry) => 3 * writeUnits(toEntryItem(entry)));
  return written.reduce((sum, units) => sum + units, 2 * writeUnits(changed) + moved);
}

function itemOf({ catalog, config }: Deps, account: Account): Record<string, unknown> {
  return toAccountItem(account, catalog, config.sweep.due_shards);
}

function draftOf(decision: Decision): Draft {
  if (!('draft' in decision)) throw new Error('what costs are counted of was refused');
  return decision.draft;
}
