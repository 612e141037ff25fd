import { afterEach, expect, test } from 'vitest';
import type { Card } from '../src/cards.ts';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

/** A pack of 9.00 that is paid. */
async function buyPack(card: Card = 'success'): Promise<string> {
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price: 'price_pack_small', quantity: 1 }],
    payment_intent_data: { metadata: { pack: 'small' } },
    success_url: 'https://app.example.com/done',
  });
  await stage.fake.paySession(session.id, card);
  const { payment_intent } = await stage.stripe.checkout.sessions.retrieve(session.id);
  return idOf(payment_intent);
}

test('refunds add up to at most the charge', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const payment_intent = await buyPack();
  await stage.stripe.refunds.create({ payment_intent, amount: 300 });
  await expect(stage.stripe.refunds.create({ payment_intent, amount: 601 })).rejects.toMatchObject({ param: 'amount' });
  await stage.stripe.refunds.create({ payment_intent });
  await expect(stage.stripe.refunds.create({ payment_intent })).rejects.toMatchObject({
    code: 'charge_already_refunded',
  });
  await stage.fake.settled();
  const told = (await stage.stripe.events.list({ type: 'charge.refunded' })).data;
  expect(told.map(({ data }) => data)).toMatchObject([
    {
      object: { amount_refunded: 900, refunded: true },
      previous_attributes: { amount_refunded: 300, refunded: false },
    },
    { object: { amount_refunded: 300, refunded: false }, previous_attributes: { amount_refunded: 0 } },
  ]);
  const intent = await stage.stripe.paymentIntents.retrieve(payment_intent, { expand: ['latest_charge.refunds'] });
  expect(intent.latest_charge).toMatchObject({ refunds: { data: [{ amount: 600 }, { amount: 300 }] } });
});

test('a charge carries the metadata of its payment, and its refunds can be noted', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const payment_intent = await buyPack();
  const { id } = await stage.stripe.refunds.create({ payment_intent, amount: 100 });
  await stage.stripe.refunds.update(id, { metadata: { ticket: '7' } });
  await stage.fake.settled();
  const told = (await stage.stripe.events.list({ type: 'charge.refunded' })).data;
  expect(told).toMatchObject([{ data: { object: { payment_intent, metadata: { pack: 'small' } } } }]);
  expect(stage.hook.types()).toEqual(expect.arrayContaining(['refund.updated', 'charge.refund.updated']));
});

test('a refund to a closed card fails a day later, and its money can be refunded again', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const payment_intent = await buyPack('refund_failure');
  const { id, status } = await stage.stripe.refunds.create({ payment_intent });
  expect(status).toBe('succeeded');
  await stage.advanceTo('2026-11-16T10:00:00Z');
  expect(await stage.stripe.refunds.retrieve(id, { expand: ['charge', 'failure_balance_transaction'] })).toMatchObject({
    status: 'failed',
    charge: { amount_refunded: 0, refunded: false },
    failure_balance_transaction: { amount: 900, type: 'refund_failure' },
  });
  expect(stage.hook.types()).toEqual(expect.arrayContaining(['refund.updated', 'refund.failed']));
  expect(await stage.stripe.refunds.create({ payment_intent, amount: 400 })).toMatchObject({ status: 'succeeded' });
});

test('a dispute takes the money, is answered, and gives the money back when it is won', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const payment_intent = await buyPack();
  const { id } = stage.fake.openDispute(payment_intent);
  expect(() => stage.fake.openDispute(payment_intent)).toThrow('disputed already');
  await expect(stage.stripe.refunds.create({ payment_intent })).rejects.toMatchObject({ code: 'charge_disputed' });
  await stage.stripe.disputes.update(id, { evidence: { uncategorized_text: 'It was used.' } });
  stage.fake.closeDispute(id, 'won');
  await stage.fake.settled();
  const told = (await stage.stripe.events.list({ type: 'charge.dispute.*' })).data.toReversed();
  const taken = { amount: -900, fee: 1500, net: -2400, reporting_category: 'dispute' };
  const returned = { amount: 900, fee: -1500, net: 2400, reporting_category: 'dispute_reversal' };
  expect(told).toMatchObject([
    { type: 'charge.dispute.created', data: { object: { status: 'needs_response', balance_transactions: [] } } },
    { type: 'charge.dispute.funds_withdrawn', data: { object: { balance_transactions: [taken] } } },
    {
      type: 'charge.dispute.updated',
      data: { object: { status: 'under_review' }, previous_attributes: { status: 'needs_response' } },
    },
    { type: 'charge.dispute.closed', data: { object: { status: 'won', balance_transactions: [taken] } } },
    { type: 'charge.dispute.funds_reinstated', data: { object: { balance_transactions: [taken, returned] } } },
  ]);
  const dispute = await stage.stripe.disputes.retrieve(id, { expand: ['payment_intent', 'charge'] });
  expect(dispute).toMatchObject({ payment_intent: { id: payment_intent }, charge: { disputed: true } });
});

test('a dispute after a refund is about the rest', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const payment_intent = await buyPack();
  await stage.stripe.refunds.create({ payment_intent, amount: 300 });
  const { id } = stage.fake.openDispute(payment_intent);
  expect(await stage.stripe.disputes.retrieve(id)).toMatchObject({
    amount: 600,
    balance_transactions: [{ amount: -600 }],
  });
});

test('a lost dispute gives nothing back', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { id } = stage.fake.openDispute(await buyPack());
  stage.fake.closeDispute(id, 'lost');
  expect(() => stage.fake.closeDispute(id, 'won')).toThrow('closed already');
  const told = (await stage.stripe.events.list({ type: 'charge.dispute.*' })).data;
  expect(told.map(({ type }) => type)).not.toContain('charge.dispute.funds_reinstated');
});
