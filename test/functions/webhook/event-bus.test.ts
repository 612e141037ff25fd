import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type EventMessage, toEventMessage } from '../../../functions/event-queue.ts';
import { enqueueBusEvent } from '../../../functions/webhook/enqueue-bus-event.ts';
import { captureLog } from '../../api/events.ts';
import { eventObject, subscriptionObject } from '../../stripe/stripe-objects.ts';

const stripe_event = eventObject('customer.subscription.updated', subscriptionObject());

let sent: EventMessage[];
let log: ReturnType<typeof captureLog>;
beforeEach(() => {
  sent = [];
  log = captureLog();
});
afterEach(() => vi.restoreAllMocks());

const queue = { send: async (message: EventMessage) => void sent.push(message) };
const onTheBus = (detail: unknown) => ({
  version: '0',
  id: '7f1c0f0e-0000-4000-8000-000000000000',
  'detail-type': 'customer.subscription.updated',
  source: 'aws.partner/stripe.com/ed_test_1',
  account: '111122223333',
  region: 'us-east-1',
  detail,
});

test('an event from the bus becomes the same message as one from the webhook', async () => {
  await enqueueBusEvent(onTheBus(stripe_event), queue);
  expect(sent).toEqual([toEventMessage(JSON.stringify(stripe_event))]);
  expect(sent).toMatchObject([{ group_id: 'cus_1', deduplication_id: stripe_event.id }]);
  expect(log()).toMatchObject([{ message: 'stripe event enqueued', event_id: stripe_event.id }]);
});

test('an event of the other mode is left to the worker, as by the webhook’s receiver', async () => {
  await enqueueBusEvent(onTheBus({ ...stripe_event, livemode: true }), queue);
  expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ livemode: true });
});

test('an event without a customer is a group of its own', async () => {
  await enqueueBusEvent(onTheBus({ ...stripe_event, data: { object: { object: 'dispute', id: 'du_1' } } }), queue);
  expect(sent).toMatchObject([{ group_id: 'du_1', deduplication_id: stripe_event.id }]);
});

test.each([[null], [{}], [onTheBus(null)], [onTheBus('text')], [onTheBus({ type: 'x' })]])(
  '%j is no event: the function fails, and it is kept with the dead letters',
  async (event) => {
    await expect(enqueueBusEvent(event, queue)).rejects.toThrow();
    expect(sent).toEqual([]);
  },
);

test('the function fails when the queue refuses the event, so it is tried again', async () => {
  const down = { send: () => Promise.reject(new Error('down')) };
  await expect(enqueueBusEvent(onTheBus(stripe_event), down)).rejects.toThrow('down');
});

test('the deployed function is made of its environment', async () => {
  await expect(import('../../../functions/webhook/event-bus.ts')).rejects.toThrow('STRIPE_EVENTS_QUEUE_URL is not set');
});
