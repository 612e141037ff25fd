import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { changeMetadata, integer, isWithin, metadata, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { idOf, previousAttributes, type World } from '../world.ts';
import { bookMovement } from './balance-transactions.ts';
import { money } from './invoice-lines.ts';
import { wayOf } from './payment-methods.ts';
import { DAY } from './periods.ts';

const REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

const createParams = z.strictObject({
  amount: integer.pipe(z.number().min(1)).optional(),
  charge: text.optional(),
  payment_intent: text.optional(),
  metadata: metadata.optional(),
  reason: z.enum(REASONS).optional(),
});
type CreateParams = z.infer<typeof createParams>;

function chargeOf(world: World, params: CreateParams): Stripe.Charge {
  if (params.charge !== undefined) return world.store.charges.require(params.charge, 'charge');
  if (params.payment_intent === undefined) {
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.');
  }
  const { latest_charge } = world.store.payment_intents.require(params.payment_intent, 'payment_intent');
  if (latest_charge === null) {
    throw invalidRequest(`This PaymentIntent (${params.payment_intent}) does not have a successful charge to refund.`);
  }
  return world.store.charges.require(idOf(latest_charge), 'charge');
}

/**
 * @throws StripeApiError for more than is left of the charge, or for money that a dispute holds.
 */
function refundCharge(world: World, charge: Stripe.Charge, params: CreateParams): Stripe.Refund {
  const left = charge.amount - charge.amount_refunded;
  if (!charge.paid) throw invalidRequest(`Charge ${charge.id} has not succeeded.`, { param: 'charge' });
  if (charge.disputed) {
    const message = `Charge ${charge.id} has been charged back; cannot issue a refund.`;
    throw invalidRequest(message, { code: 'charge_disputed' });
  }
  if (left === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  const { amount = left } = params;
  if (amount > left) {
    const asked = money(amount, charge.currency);
    const message = `Refund amount (${asked}) is greater than unrefunded amount on charge (${money(left, charge.currency)})`;
    throw invalidRequest(message, { param: 'amount' });
  }
  const id = world.id('re_3');
  const { currency, customer, payment_intent, payment_method } = charge;
  const type = 'refund';
  const description = 'REFUND FOR CHARGE';
  const movement = {
    amount: -amount,
    currency,
    fee: 0,
    type,
    reporting_category: type,
    source: id,
    description,
  } as const;
  const refund = world.store.refunds.put({
    id,
    object: 'refund',
    amount,
    balance_transaction: bookMovement(world, movement).id,
    charge: charge.id,
    created: world.seconds(),
    currency,
    customer,
    customer_account: null,
    metadata: changeMetadata({}, params.metadata),
    payment_intent,
    payment_method,
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  });
  world.emit({ type: 'refund.created', data: { object: refund } });
  const amount_refunded = charge.amount_refunded + amount;
  const object = world.store.charges.put({ ...charge, amount_refunded, refunded: amount_refunded === charge.amount });
  const previous_attributes = previousAttributes(charge, object);
  world.emit({ type: 'charge.refunded', data: { object, previous_attributes } });
  if (isRefundedInVain(world, charge)) {
    world.agenda.set('refund.fail', id, (world.seconds() + FAILS_AFTER_SECONDS) * 1000);
  }
  return refund;
}

/** How long a bank takes to return the money of a failed refund. */
const FAILS_AFTER_SECONDS = DAY;

function isRefundedInVain(world: World, { payment_method }: Stripe.Charge): boolean {
  const method = payment_method === null ? undefined : world.store.payment_methods.get(payment_method);
  return method !== undefined && wayOf(method) === 'refund_failure';
}

/**
 * The bank could not give the money to the customer. It is on the Stripe account's balance again,
 * and no longer counts as refunded.
 */
export function failRefund(world: World, before: Stripe.Refund): void {
  const { id, amount, currency } = before;
  const type = 'refund_failure';
  const description = 'REFUND FAILURE';
  const movement = { amount, currency, fee: 0, type, reporting_category: type, source: id, description } as const;
  const refund = world.store.refunds.put({
    ...before,
    status: 'failed',
    failure_balance_transaction: bookMovement(world, movement).id,
    failure_reason: 'expired_or_canceled_card',
  });
  const data = { object: refund, previous_attributes: previousAttributes(before, refund) };
  for (const event_type of ['refund.updated', 'charge.refund.updated', 'refund.failed'] as const) {
    world.emit({ type: event_type, data });
  }
  const charge = world.store.charges.require(idOf(before.charge ?? ''));
  const amount_refunded = charge.amount_refunded - amount;
  const object = world.store.charges.put({ ...charge, amount_refunded, refunded: false });
  world.emit({ type: 'charge.updated', data: { object, previous_attributes: previousAttributes(charge, object) } });
}

export const refundRoutes: Route[] = [
  route('POST', '/v1/refunds', createParams, ({ world, params }) =>
    refundCharge(world, chargeOf(world, params), params),
  ),
  route('POST', '/v1/refunds/:id', z.strictObject({ metadata: metadata.optional() }), ({ world, id, params }) => {
    const before = world.store.refunds.require(id);
    const changed = changeMetadata(before.metadata ?? {}, params.metadata);
    const refund = world.store.refunds.put({ ...before, metadata: changed });
    const data = { object: refund, previous_attributes: previousAttributes(before, refund) };
    world.emit({ type: 'refund.updated', data });
    world.emit({ type: 'charge.refund.updated', data });
    return refund;
  }),
  route('GET', '/v1/refunds/:id', z.strictObject({}), ({ world, id }) => world.store.refunds.require(id)),
  route(
    'GET',
    '/v1/refunds',
    z.strictObject({
      ...pagination,
      charge: text.optional(),
      payment_intent: text.optional(),
      created: range.optional(),
    }),
    ({ world, params }) => {
      const { charge, payment_intent, created } = params;
      return pageOf(
        world.store.refunds.list(),
        params,
        '/v1/refunds',
        (refund) =>
          (charge === undefined || refund.charge === charge) &&
          (payment_intent === undefined || refund.payment_intent === payment_intent) &&
          isWithin(refund.created, created),
      );
    },
  ),
];
