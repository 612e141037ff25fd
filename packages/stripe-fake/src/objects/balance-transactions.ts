import type Stripe from 'stripe';
import * as z from 'zod';
import { pageOf } from '../api/lists.ts';
import { pagination, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';

interface Movement {
  /** Minor units, negative for money that leaves. */
  amount: number;
  currency: string;
  fee: number;
  type: 'charge' | 'refund' | 'refund_failure' | 'adjustment';
  reporting_category: 'charge' | 'refund' | 'refund_failure' | 'dispute' | 'dispute_reversal';
  source: string;
  description: string | null;
}

/** Stripe's usual fee for a card, so that net amounts look familiar. */
export function cardFee(amount: number): number {
  return Math.round(amount * 0.029) + 30;
}

export function bookMovement(world: World, movement: Movement): Stripe.BalanceTransaction {
  const { amount, currency, fee } = movement;
  const created = world.seconds();
  return world.store.balance_transactions.put({
    id: world.id('txn_1'),
    object: 'balance_transaction',
    amount,
    available_on: created,
    balance_type: 'payments',
    created,
    currency,
    description: movement.description,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [{ amount: fee, application: null, currency, description: 'Stripe processing fees', type: 'stripe_fee' }],
    net: amount - fee,
    reporting_category: movement.reporting_category,
    source: movement.source,
    status: 'available',
    type: movement.type,
  });
}

export const balanceTransactionRoutes: Route[] = [
  route('GET', '/v1/balance_transactions/:id', z.strictObject({}), ({ world, id }) =>
    world.store.balance_transactions.require(id),
  ),
  route(
    'GET',
    '/v1/balance_transactions',
    z.strictObject({ ...pagination, source: text.optional(), type: text.optional() }),
    ({ world, params }) => {
      return pageOf(
        world.store.balance_transactions.list(),
        params,
        '/v1/balance_transactions',
        ({ source, type }) =>
          (params.source === undefined || source === params.source) &&
          (params.type === undefined || type === params.type),
      );
    },
  ),
];
