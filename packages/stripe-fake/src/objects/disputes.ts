import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { boolean, changeMetadata, isWithin, metadata, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { idOf, previousAttributes, type World } from '../world.ts';
import { bookMovement } from './balance-transactions.ts';
import { DAY } from './periods.ts';

/** The bank's fee for a dispute, in minor units. */
const DISPUTE_FEE = 1500;

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

/** Kinds of evidence that are text. */
const EVIDENCE = [
  'access_activity_log',
  'billing_address',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'product_description',
  'service_date',
  'uncategorized_text',
] as const;

/**
 * The customer's bank takes a payment back.
 * @throws StripeApiError for a payment that has not succeeded or is disputed already.
 */
export function openDispute(world: World, intent: Stripe.PaymentIntent): Stripe.Dispute {
  const charge = intent.latest_charge === null ? undefined : world.store.charges.get(idOf(intent.latest_charge));
  if (charge === undefined || !charge.paid) throw invalidRequest(`PaymentIntent ${intent.id} has no paid charge.`);
  if (charge.disputed) throw invalidRequest(`Charge ${charge.id} is disputed already.`);
  const { currency } = charge;
  const amount = charge.amount - charge.amount_refunded;
  const id = world.id('du_1');
  const created = world.seconds();
  const disputed = world.store.charges.put({ ...charge, disputed: true });
  const opened: Stripe.Dispute = {
    id,
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created,
    currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: created + 10 * DAY,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    network_reason_code: '10',
    payment_intent: intent.id,
    payment_method_details: {
      card: { brand: 'visa', case_type: 'chargeback', network: 'visa', network_reason_code: '10' },
      type: 'card',
    },
    reason: 'fraudulent',
    status: 'needs_response',
  };
  world.emit({ type: 'charge.dispute.created', data: { object: opened } });
  const previous_attributes = previousAttributes(charge, disputed);
  world.emit({ type: 'charge.updated', data: { object: disputed, previous_attributes } });
  const movement = { amount: -amount, currency, fee: DISPUTE_FEE, source: id, description: 'Chargeback withdrawal' };
  const withdrawal = bookMovement(world, { ...movement, type: 'adjustment', reporting_category: 'dispute' });
  const dispute = world.store.disputes.put({ ...opened, balance_transactions: [withdrawal] });
  world.emit({ type: 'charge.dispute.funds_withdrawn', data: { object: dispute } });
  return dispute;
}

/** The bank decides. If the dispute is won, the money comes back after the dispute is closed. */
export function closeDispute(world: World, open: Stripe.Dispute, status: 'won' | 'lost'): Stripe.Dispute {
  if (isClosed(open)) throw invalidRequest(`Dispute ${open.id} is closed already.`);
  const { id, amount, currency } = open;
  const closed = world.store.disputes.put({ ...open, status });
  world.emit({ type: 'charge.dispute.closed', data: { object: closed } });
  if (status === 'lost') return closed;
  const movement = { amount, currency, fee: -DISPUTE_FEE, source: id, description: 'Chargeback reversal' };
  const reversal = bookMovement(world, { ...movement, type: 'adjustment', reporting_category: 'dispute_reversal' });
  const balance_transactions = [...closed.balance_transactions, reversal];
  const reinstated = world.store.disputes.put({ ...closed, balance_transactions });
  world.emit({ type: 'charge.dispute.funds_reinstated', data: { object: reinstated } });
  return reinstated;
}

function isClosed({ status }: Stripe.Dispute): boolean {
  return status === 'won' || status === 'lost';
}

const updateParams = z.strictObject({
  evidence: z.partialRecord(z.enum(EVIDENCE), text).optional(),
  metadata: metadata.optional(),
  submit: boolean.default(true),
});

/** Adds evidence and notes. Submitted evidence puts the dispute under the bank's review. */
function updateDispute(world: World, before: Stripe.Dispute, params: z.infer<typeof updateParams>): Stripe.Dispute {
  if (isClosed(before)) throw invalidRequest(`Dispute ${before.id} is closed already.`);
  const { evidence, submit } = params;
  const submits = evidence !== undefined && submit;
  const details = before.evidence_details;
  const dispute = world.store.disputes.put({
    ...before,
    evidence: { ...before.evidence, ...evidence },
    evidence_details: {
      ...details,
      has_evidence: details.has_evidence || evidence !== undefined,
      submission_count: details.submission_count + (submits ? 1 : 0),
      submission_method: submits ? 'manual' : details.submission_method,
    },
    metadata: changeMetadata(before.metadata, params.metadata),
    status: submits ? 'under_review' : before.status,
  });
  const previous_attributes = previousAttributes(before, dispute);
  world.emit({ type: 'charge.dispute.updated', data: { object: dispute, previous_attributes } });
  return dispute;
}

const listParams = z.strictObject({
  ...pagination,
  charge: text.optional(),
  created: range.optional(),
  payment_intent: text.optional(),
});

export const disputeRoutes: Route[] = [
  route('GET', '/v1/disputes/:id', z.strictObject({}), ({ world, id }) => world.store.disputes.require(id)),
  route('POST', '/v1/disputes/:id', updateParams, ({ world, id, params }) =>
    updateDispute(world, world.store.disputes.require(id), params),
  ),
  route('POST', '/v1/disputes/:id/close', z.strictObject({}), ({ world, id }) =>
    closeDispute(world, world.store.disputes.require(id), 'lost'),
  ),
  route('GET', '/v1/disputes', listParams, ({ world, params }) => {
    const { charge, payment_intent, created } = params;
    return pageOf(
      world.store.disputes.list(),
      params,
      '/v1/disputes',
      (dispute) =>
        (charge === undefined || dispute.charge === charge) &&
        (payment_intent === undefined || dispute.payment_intent === payment_intent) &&
        isWithin(dispute.created, created),
    );
  }),
];
