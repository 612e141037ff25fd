import { chargedBy } from './giving.ts';
import type { Happening, Size, Use } from './happenings.ts';
import { roomOf } from './members.ts';
import type { Order } from './orders.ts';
import { isUnlimited } from './spending.ts';
import { availableIn, balance_max, balanceIn, copyOf, type State } from './state.ts';
import { newsAbout } from './stripe-news.ts';
import { graceOf, nextMoment, periodEndOf, roll } from './time.ts';
import type { World } from './world.ts';

const hour_ms = 3_600_000;
const most = Number.MAX_SAFE_INTEGER;

/** What a happening means in the state that it meets. */
export function live(world: World, what: Happening): void {
  switch (what.kind) {
    case 'nothing':
      return;
    case 'wait':
      world.now += what.ms;
      return;
    case 'wait until due':
      world.now = Math.max(world.now, (nextMoment(world.model) ?? world.now) + what.plus_ms);
      return;
    case 'wait until the period ends':
      world.now = Math.max(world.now, periodEndOf(present(world)) - what.but_hours * hour_ms);
      return;
    case 'hold over the end':
      holdOverTheEnd(world, what.use);
      return;
    case 'wait until a grace ends':
      world.now = Math.max(world.now, graceEnd(world, what.of) + what.plus_ms);
      return;
    case 'look ahead':
      world.lookAhead(what.ms);
      return;
    case 'batch':
      batch(world, what.items);
      return;
    default:
      for (const order of ordersOf(world, what)) world.order(order(world));
      world.compare();
  }
}

/**
 * Of the running period's allowance if its renewal is not paid, or of the features that the newest
 * payment has given.
 */
function graceEnd(world: World, of: 'renewal' | 'features'): number {
  const state = present(world);
  if (of === 'renewal') return periodEndOf(state) + graceOf(state, state.period);
  return (state.subscription?.paid?.through ?? state.clock) + state.catalog.policies.past_due_grace_ms;
}

type Ordering = (world: World) => Order;

function ordersOf(world: World, what: Happening): Ordering[] {
  switch (what.kind) {
    case 'roll':
      return [() => ({ kind: 'roll' })];
    case 'deduct':
      return [(now) => ({ kind: 'deduct', ...spendOf(now, what.use) })];
    case 'hold':
      return times(what.times, (now) => {
        const hold = holdOf(now, what.use, what.expires_in_s);
        // Many at once are small, so that there is something for each.
        return what.times > 2 ? { ...hold, amount: 1 } : hold;
      });
    case 'settle':
    case 'release':
      return world.model.holds.length === 0 ? [] : [(now) => endOf(now, what)];
    case 'end a closed hold':
      return [() => endClosed(world, what)];
    case 'grant':
      return times(what.times, (now) => ({
        kind: 'grant',
        key: keyOf(now),
        amount: what.amount === 'all that fits' ? Math.max(1, balance_max - balanceIn(present(now))) : what.amount,
        expires_at: what.expires_in_ms === null ? null : now.now + what.expires_in_ms,
        priority: what.priority,
        actor: 'service',
      }));
    case 'refund':
      return refundOf(world, what);
    case 'override':
      return overridesOf(world, what);
    case 'cap':
      return [() => ({ kind: 'cap', member: what.member, monthly_credits: what.monthly_credits })];
    case 'customer':
      return [() => ({ kind: 'customer', stripe_customer_id: `cus_${what.nth}` })];
    case 'again':
      return againOf(world, what);
    default:
      return newsOf(world, what);
  }
}

function times(n: number, ordering: Ordering): Ordering[] {
  return Array.from({ length: n }, () => ordering);
}

function keyOf(world: World): string {
  return `k${world.orders.length}`;
}

function sizeOf({ permille, plus }: Size, base: number, least: number): number {
  return Math.min(most, Math.max(least, Math.floor((base / 1_000) * permille) + plus));
}

/** What there is when the account has been brought to the present. */
function present(world: World): State {
  const state = copyOf(world.model);
  roll(state, world.now);
  return state;
}

function spendOf(world: World, { size, feature, member }: Use) {
  const state = present(world);
  const available = isUnlimited(state) ? 1_000 : availableIn(state);
  const amount = sizeOf(size, available, 1);
  return { key: keyOf(world), amount, feature, member, actor: member ?? 'service' };
}

function holdOf(world: World, use: Use, expires_in_s: number): Extract<Order, { kind: 'hold' }> {
  const spend = spendOf(world, use);
  return { kind: 'hold', hold_id: `hold_${spend.key}`, expires_in_s, ...spend };
}

function holdOverTheEnd(world: World, use: Use): void {
  const ends_at = periodEndOf(present(world));
  world.now = Math.max(world.now, ends_at - hour_ms);
  world.order(holdOf(world, use, 7_200));
  world.now = Math.max(world.now, ends_at);
  world.order({ kind: 'roll' });
  world.compare();
}

/** The items of a batch get keys of their own, one after the other. */
function batch(world: World, items: readonly { use: Use; again: boolean }[]): void {
  const key = keyOf(world);
  const orders: Order[] = [];
  for (const [place, item] of items.entries()) {
    const earlier = orders[place - 1] ?? world.orders.findLast((order) => order.kind === 'deduct');
    if (item.again && earlier !== undefined) orders.push(earlier);
    else orders.push({ kind: 'deduct', ...spendOf(world, item.use), key: `${key}.${place}` });
  }
  world.orderAll(orders);
}

/** The n-th, counted around; undefined of none. */
function pick<T>(from: readonly T[], nth: number): T | undefined {
  return from.length === 0 ? undefined : from[nth % from.length];
}

function endOf(world: World, what: Extract<Happening, { kind: 'settle' | 'release' }>): Order {
  const hold = pick(world.model.holds, what.nth);
  if (hold === undefined) throw new Error('one of the open holds');
  const actor = 'service';
  if (what.kind === 'release') return { kind: 'release', hold_id: hold.id, actor };
  const state = present(world);
  const { amount: held } = hold;
  const base = { hold: held, payable: availableIn(state) + held, cap: capOf(state, hold.member, held) };
  const amount = sizeOf(what.size, base[what.of], 0);
  return { kind: 'settle', hold_id: hold.id, amount, if_insufficient: what.if_insufficient, actor };
}

function endClosed(world: World, { nth, by }: Extract<Happening, { kind: 'end a closed hold' }>): Order {
  const hold_id = pick([...world.model.ended.keys(), 'hold_unknown'], nth) ?? 'hold_unknown';
  if (by === 'release') return { kind: 'release', hold_id, actor: 'service' };
  return { kind: 'settle', hold_id, amount: 1, if_insufficient: 'reject', actor: 'service' };
}

function capOf(state: State, member: string | null, amount: number): number {
  const room = roomOf(state, member, null) + amount;
  return Number.isFinite(room) ? Math.max(0, room) : amount;
}

function refundOf(world: World, { nth, of, size }: Extract<Happening, { kind: 'refund' }>): Ordering[] {
  const { lines, refunded } = world.model;
  const charges = lines.filter((line) => chargedBy(line) > (refunded.get(line.entry_id) ?? 0));
  const from = {
    'last charge': charges.slice(-2),
    charge: charges,
    settlement: charges.filter((line) => line.more.hold_id !== undefined),
    'partly refunded': charges.filter((line) => refunded.has(line.entry_id)),
    anything: lines,
    nothing: [],
  };
  const line = pick(from[of], nth) ?? (of === 'nothing' ? undefined : charges.at(-1));
  if (line === undefined && of !== 'nothing') return [];
  const amount = size === null ? null : sizeOf(size, line === undefined ? 1 : chargedBy(line), 1);
  const refunds = line?.entry_id ?? 'use:unknown';
  return [(now) => ({ kind: 'refund', key: keyOf(now), refunds, amount, actor: 'service' })];
}

function overridesOf(world: World, what: Extract<Happening, { kind: 'override' }>): Ordering[] {
  const { allowed, expires_in_ms } = what;
  const expires_at = expires_in_ms === null ? null : world.now + expires_in_ms;
  const override = allowed === null ? null : { allowed, expires_at };
  return Array.from({ length: what.times }, (_, place) => {
    const feature = place === 0 ? what.feature : `${what.feature}.${(world.orders.length % 2) * 100 + place}`;
    return () => ({ kind: 'override', feature, override });
  });
}

/** What was fetched from Stripe then is an event like any other now. */
function againOf(world: World, { nth, changed }: Extract<Happening, { kind: 'again' }>): Ordering[] {
  const order = pick(world.orders, nth);
  if (order === undefined) return [];
  if (order.kind === 'subscription') return [() => ({ ...order, fetched: false })];
  return [() => (changed ? changedOrder(order) : order)];
}

function changedOrder(order: Order): Order {
  switch (order.kind) {
    case 'deduct':
    case 'hold':
    case 'settle':
    case 'grant':
      return { ...order, amount: order.amount + 1 };
    case 'refund':
      return { ...order, amount: (order.amount ?? 0) + 1 };
    default:
      return order;
  }
}

/** What Stripe would say. */
function newsOf(world: World, what: Happening): Ordering[] {
  return newsAbout(world.model, what, world.now).map((news) => () => ({
    kind: 'subscription',
    stripe_customer_id: 'cus_1',
    ...news,
  }));
}
