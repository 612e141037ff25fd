import { describe, expect, test } from 'vitest';
import { fromStripeCharge } from '../../shared/stripe/from-stripe-charge.ts';
import { fromStripeCheckoutSession } from '../../shared/stripe/from-stripe-checkout-session.ts';
import { fromStripeDispute, withDisputedPayment } from '../../shared/stripe/from-stripe-dispute.ts';
import { fromStripeRefund, fromStripeRefunds } from '../../shared/stripe/from-stripe-refund.ts';
import {
  chargeObject,
  disputeObject,
  pack_metadata,
  packSessionObject,
  paymentIntentObject,
  refundObject,
} from './stripe-objects.ts';

const subject = { stripe_customer_id: 'cus_1', account_id: 'u_1' };
const ignored = { kind: 'ignored' };
const unreadable = { kind: 'quarantined', reason: 'unreadable' };

describe('a checkout session in payment mode', () => {
  const news = {
    kind: 'purchase',
    payment_id: 'pi_1',
    entry_id: 'purchase:pi_1',
    credits: 1_000,
    description: '2 × pack small',
  };

  test('is the purchase that its metadata promised', () => {
    expect(fromStripeCheckoutSession(packSessionObject())).toEqual({ kind: 'payment', subject, news });
  });

  test('that cost nothing is known by the session’s id', () => {
    const free = packSessionObject({ payment_status: 'no_payment_required', payment_intent: null });
    expect(fromStripeCheckoutSession(free)).toMatchObject({
      news: { payment_id: 'cs_test_1', entry_id: 'purchase:cs_test_1' },
    });
  });

  test.each([
    { payment_status: 'unpaid' },
    { metadata: { account_id: 'u_1' } },
    { metadata: { ...pack_metadata, credits: 'many' } },
    { metadata: { ...pack_metadata, credits: '-5' } },
    { metadata: { ...pack_metadata, credits: '9007199254740992' } },
    { customer: null },
  ] as const)('with %j is no purchase', (changes) => {
    expect(fromStripeCheckoutSession(packSessionObject(changes))).toEqual(ignored);
  });
});

describe('a refunded charge', () => {
  test('has the sum of its payment’s refunds', () => {
    expect(fromStripeCharge(chargeObject({ amount_refunded: 1_200 }))).toEqual({
      kind: 'payment',
      subject,
      news: {
        kind: 'money_back_sum',
        payment_id: 'pi_1',
        paid_amount: 3_000,
        money_back_amount: 1_200,
        cause: 'ch_1:1200',
      },
    });
  });

  test.each([{ metadata: {} }, { customer: null }, { payment_intent: null }] as const)(
    'with %j is not ours',
    (changes) => {
      expect(fromStripeCharge(chargeObject(changes))).toEqual(ignored);
    },
  );

  test('without amounts is unreadable', () => {
    expect(fromStripeCharge({ id: 'ch_1' })).toEqual(unreadable);
  });
});

describe('a refund', () => {
  const failed = { id: 're_1', amount: 900, has_failed: true };

  test.each(['failed', 'canceled'])('that has %s is about its payment', (status) => {
    expect(fromStripeRefund(refundObject(900, { status }))).toEqual({
      kind: 'refund_failed',
      stripe_payment_intent_id: 'pi_1',
      money_back: failed,
    });
  });

  test.each([{ status: 'succeeded' }, { status: 'pending' }, { status: 'failed', payment_intent: null }])(
    'with %j is told by its charge, or is not ours',
    (changes) => {
      expect(fromStripeRefund(refundObject(900, changes))).toEqual(ignored);
    },
  );

  test('without an amount is unreadable', () => {
    expect(fromStripeRefund({ id: 're_1' })).toEqual(unreadable);
  });

  test('is merged with what was heard of its payment’s refunds', () => {
    const listed = [refundObject(900, { charge: chargeObject() }), refundObject(500, { id: 're_2', charge: 'ch_1' })];
    expect(fromStripeRefunds(listed, [failed])).toEqual({
      kind: 'payment',
      subject,
      news: {
        kind: 'money_back_list',
        payment_id: 'pi_1',
        paid_amount: 3_000,
        money_back: [{ ...failed, has_failed: false }, { id: 're_2', amount: 500, has_failed: false }, failed],
        are_all: true,
        cause: 'ch_1',
      },
    });
  });

  test('of a payment that bought no credits moves none', () => {
    expect(fromStripeRefunds([refundObject(900, { charge: chargeObject({ metadata: {} }) })])).toEqual(ignored);
    expect(fromStripeRefunds([])).toEqual({ kind: 'quarantined', reason: 'payment_not_found' });
    expect(fromStripeRefunds([{}])).toEqual(unreadable);
  });
});

describe('a dispute', () => {
  test.each([
    [[-3_000], 1, 3_000],
    [[-3_000, 3_000], 2, 0],
    [[-3_000, 3_000, -3_000], 3, 3_000],
    // In the currency of the balance, with a part given back.
    [[-1_000, 250], 2, 2_250],
  ])('that moved %j has %i movements and %i withdrawn', (moved, transactions, withdrawn_amount) => {
    expect(fromStripeDispute(disputeObject(moved))).toEqual({
      kind: 'dispute',
      stripe_payment_intent_id: 'pi_1',
      dispute: { id: 'du_1', transactions, withdrawn_amount },
    });
  });

  test.each([[disputeObject([])], [disputeObject([-1], { payment_intent: null })]])(
    '%j moves no credits',
    (dispute) => {
      expect(fromStripeDispute(dispute)).toEqual(ignored);
    },
  );

  test('without movements is unreadable', () => {
    expect(fromStripeDispute({ id: 'du_1', amount: 5 })).toEqual(unreadable);
  });

  const news = fromStripeDispute(disputeObject());
  if (news.kind !== 'dispute') throw new Error('is news');

  test('is about the payment whose id it names', () => {
    expect(withDisputedPayment(news, paymentIntentObject())).toEqual({
      kind: 'payment',
      subject,
      news: { kind: 'dispute', payment_id: 'pi_1', paid_amount: 3_000, dispute: news.dispute, cause: 'du_1:1' },
    });
  });

  test('of a payment that bought no credits moves none', () => {
    expect(withDisputedPayment(news, paymentIntentObject({ metadata: {} }))).toEqual(ignored);
    expect(withDisputedPayment(news, paymentIntentObject({ customer: null }))).toEqual(ignored);
    expect(withDisputedPayment(news, {})).toEqual(unreadable);
  });
});
