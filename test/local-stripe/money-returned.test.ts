import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

/** A pack of 9.00 that is paid. */
async function buyPack(): Promise<string> {
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price: 'price_pack_small', quantity: 1 }],
    success_url: 'https://app.example.com/done',
  });
  await stage.fake.paySession(session.id, 'success');
  const { payment_intent } = await stage.stripe.checkout.sessions.retrieve(session.id);
  return idOf(payment_intent);
}

test('refunds add up to the charge and not beyond', async () => {
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

test('a dispute takes the money, and gives it back when it is won', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const payment_intent = await buyPack();
  const { id } = stage.fake.openDispute(payment_intent);
  expect(() => stage.fake.openDispute(payment_intent)).toThrow('disputed already');
  await expect(stage.stripe.refunds.create({ payment_intent })).rejects.toMatchObject({ code: 'charge_disputed' });
  stage.fake.closeDispute(id, 'won');
  await stage.fake.settled();
  const told = (await stage.stripe.events.list({ type: 'charge.dispute.*' })).data;
  expect(told.map(({ type }) => type).toReversed()).toEqual([
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.funds_reinstated',
    'charge.dispute.closed',
  ]);
  const dispute = await stage.stripe.disputes.retrieve(id);
  expect(dispute).toMatchObject({ status: 'won', balance_transactions: [{ amount: -900 }, { amount: 900 }] });
});

test('a dispute that is lost gives nothing back', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { id } = stage.fake.openDispute(await buyPack());
  stage.fake.closeDispute(id, 'lost');
  expect(() => stage.fake.closeDispute(id, 'won')).toThrow('closed already');
  const told = (await stage.stripe.events.list({ type: 'charge.dispute.*' })).data;
  expect(told.map(({ type }) => type)).not.toContain('charge.dispute.funds_reinstated');
});
