import type { SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stripeEventWorker } from '../../../functions/webhook/event-worker.ts';
import { balanceAt } from '../../../shared/domain/account/balance.ts';
import { findStripeEvent } from '../../../shared/store/stripe-events.ts';
import { StripeUnavailable } from '../../../shared/stripe/stripe-unavailable.ts';
import { captureLog, lambdaContext } from '../../api/events.ts';
import { anyDatabase, catalog, newAccounts, test_now } from '../../engines/engines.ts';
import { faultyDatabase, named } from '../../store/faulty-database.ts';
import { StripeAccount, StubStripe, workerDeps } from '../../stripe/stripe-account.ts';
import { eventObject, renewed_s } from '../../stripe/stripe-objects.ts';

const database = anyDatabase();
let log: ReturnType<typeof captureLog>;

beforeEach(() => {
  log = captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

const record = (messageId: string, group: string, body: unknown): SQSEvent['Records'][number] => ({
  messageId,
  receiptHandle: messageId,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 's',
    ApproximateFirstReceiveTimestamp: '0',
    MessageGroupId: group,
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn',
  awsRegion: 'us-east-1',
});

/** Answers for every account's subscription, or fails while it is down. */
class SharedStripe extends StubStripe {
  is_down = false;

  override async fetchSubscription(id: string): Promise<unknown> {
    if (this.is_down) throw new StripeUnavailable();
    return super.fetchSubscription(id);
  }
}

async function failedOf(
  records: SQSEvent['Records'],
  stripe = new SharedStripe(),
  remaining_ms = () => 140_000,
): Promise<string[]> {
  const handler = stripeEventWorker(workerDeps(database, stripe));
  const { batchItemFailures } = await handler({ Records: records }, lambdaContext(undefined, remaining_ms));
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const planOf = async (stripe: StripeAccount) => balanceAt(await stripe.read(), catalog, test_now).plan;

describe('the webhook’s worker', () => {
  test('applies the events of a batch', async () => {
    const stripe = new StripeAccount(database);
    const created = eventObject('customer.subscription.created', stripe.subscriptionObject());
    const paid = eventObject('invoice.paid', stripe.invoiceObject());
    expect(await failedOf([record('m1', 'g', created), record('m2', 'g', paid), record('m3', 'g', paid)])).toEqual([]);
    expect(await planOf(stripe)).toBe('pro');
    const handled = { message: 'stripe event handled', account_id: stripe.account_id };
    expect(log().filter((line) => 'event_id' in line)).toMatchObject([
      { ...handled, event_id: created.id, type: created.type, outcome: 'applied', message_id: 'm1' },
      { ...handled, event_id: paid.id, outcome: 'applied' },
      { ...handled, event_id: paid.id, outcome: 'replayed' },
    ]);
    expect(JSON.stringify(log())).not.toContain(stripe.customer);
  });

  test('after a failure keeps the rest of that group for later, and goes on with other groups', async () => {
    const [failing, other] = [new StripeAccount(database), new StripeAccount(database)];
    const shared = new SharedStripe();
    shared.subscriptions.set(failing.subscription, failing.subscriptionObject());
    const paid = eventObject('invoice.paid', failing.invoiceObject());
    const ended = eventObject('customer.subscription.deleted', failing.subscriptionObject({ status: 'canceled' }));
    const records = [
      record('m1', 'failing', paid),
      record('m2', 'failing', ended),
      record('m3', 'other', eventObject('customer.subscription.created', other.subscriptionObject())),
      record('m4', 'other', eventObject('invoice.paid', other.invoiceObject())),
    ];
    shared.is_down = true;
    expect(await failedOf(records, shared)).toEqual(['m1', 'm2']);
    expect(await planOf(other)).toBe('pro');
    expect(await findStripeEvent(database, ended.id)).toBeNull();
    shared.is_down = false;
    expect(await failedOf(records.slice(0, 2), shared)).toEqual([]);
    expect(await findStripeEvent(database, paid.id)).toMatchObject({ outcome: 'applied' });
  });

  test.each([
    ['throttles', 'ThrottlingException'],
    ['does not answer', 'TimeoutError'],
    ['does not know why', 'ValidationException'],
  ])('does not acknowledge an event while the database %s, whichever call it is', async (_, error) => {
    const stripe = new StripeAccount(database);
    const created = record('m1', 'g', eventObject('customer.subscription.created', stripe.subscriptionObject()));
    for (const nth of [0, 1, 2]) {
      const faultOf = (call: number) => (call >= nth ? { before: named(error) } : null);
      const down = faultyDatabase(database, faultOf);
      let waited_ms = 0;
      const wait = async (ms: number) => {
        waited_ms += ms;
      };
      const accounts = newAccounts(down, { wait, stopwatch: () => waited_ms });
      const handler = stripeEventWorker({ ...workerDeps(down, new SharedStripe()), accounts });
      expect(
        await handler(
          { Records: [created] },
          lambdaContext(undefined, () => 140_000),
        ),
      ).toEqual({
        batchItemFailures: [{ itemIdentifier: 'm1' }],
      });
    }
    expect(await failedOf([created])).toEqual([]);
    expect(await stripe.read()).toMatchObject({ subscription: { plan: 'pro' } });
  });

  test('uses one index look-up, one read and one transaction for a renewal, and no call to Stripe', async () => {
    const stripe = new StripeAccount(database);
    const created = eventObject('customer.subscription.created', stripe.subscriptionObject());
    const paid = eventObject('invoice.paid', stripe.invoiceObject());
    await failedOf([record('m1', 'g', created), record('m2', 'g', paid)]);
    const calls: string[] = [];
    database.client.middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          calls.push(commandName);
          return next(args);
        },
      { name: 'count', step: 'initialize' },
    );
    const shared = new SharedStripe();
    const renewed = eventObject('invoice.paid', stripe.invoiceObject(stripe.subscription, renewed_s + 31 * 86_400));
    expect(await failedOf([record('m3', 'g', renewed)], shared)).toEqual([]);
    database.client.middlewareStack.remove('count');
    expect(calls).toEqual(['QueryCommand', 'GetItemCommand', 'TransactWriteItemsCommand']);
    expect(shared.asked).toEqual([]);
  });

  test('fails a message that is no event, and no other', async () => {
    const stripe = new StripeAccount(database);
    const created = eventObject('customer.subscription.created', stripe.subscriptionObject());
    const records = [record('m1', 'a', '{'), record('m2', 'b', {}), record('m3', 'c', created)];
    expect(await failedOf(records)).toEqual(['m1', 'm2']);
    expect(await findStripeEvent(database, created.id)).toMatchObject({ outcome: 'applied' });
    expect(log().filter(({ message }) => message === 'stripe event not handled')).toHaveLength(2);
  });

  test('puts off what it has no time for, before it begins it and in the customer’s order', async () => {
    const [one, two] = [new StripeAccount(database), new StripeAccount(database)];
    const events = [one, two].flatMap((stripe) => [
      eventObject('customer.subscription.created', stripe.subscriptionObject()),
      eventObject('invoice.paid', stripe.invoiceObject()),
    ]);
    const records = ['one', 'one', 'two', 'two'].map((group, n) => record(`m${n}`, group, events[n]));
    // Each event takes a quarter of what there is: the first leaves time for one more, the second
    // does not.
    let left_ms = 140_000;
    const ticking = () => {
      const remaining_ms = left_ms;
      left_ms -= 35_001;
      return remaining_ms;
    };
    expect(await failedOf(records, undefined, ticking)).toEqual(['m2', 'm3']);
    expect(await planOf(one)).toBe('pro');
    expect(log().filter(({ error }) => error === 'NoTimeLeft')).toMatchObject([{ message_id: 'm2' }]);
    expect(await failedOf(records.slice(2))).toEqual([]);
    expect(await planOf(two)).toBe('pro');
  });

  test('counts quarantined events as the metric that an alarm watches', async () => {
    const stripe = new StripeAccount(database);
    const event = eventObject('customer.subscription.created', stripe.subscriptionObject({ metadata: {} }));
    expect(await failedOf([record('m1', 'g', event)])).toEqual([]);
    expect(log().filter((line) => '_aws' in line)).toMatchObject([
      {
        _aws: { CloudWatchMetrics: [{ Dimensions: [['service', 'outcome']], Metrics: [{ Name: 'StripeEvents' }] }] },
        outcome: 'quarantined',
        StripeEvents: 1,
      },
    ]);
  });

  test('reports a batch of which everything failed, without failing itself', async () => {
    expect(await failedOf([record('m1', 'a', 'noise')])).toEqual(['m1']);
  });

  test('names the variables that the stack did not give it', async () => {
    await expect(import('../../../functions/webhook/worker.ts')).rejects.toThrow('ACCOUNTS_TABLE is not set');
  });
});
