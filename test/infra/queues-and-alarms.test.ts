import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { GIVEN_ISSUER, nameOf, referred, SynthesizedStack } from './synthesized-stack.ts';

const queue_schema = z.object({
  FifoQueue: z.boolean().default(false),
  ContentBasedDeduplication: z.boolean().optional(),
  SqsManagedSseEnabled: z.boolean(),
  VisibilityTimeout: z.number().optional(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.unknown(), maxReceiveCount: z.number() }).optional(),
});
const alarm_schema = z.object({
  AlarmActions: z.array(z.unknown()),
  AlarmDescription: z.string(),
  ComparisonOperator: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
  MetricName: z.string(),
  Namespace: z.string(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
});

const stack = SynthesizedStack.of(GIVEN_ISSUER);
const queues = stack
  .all('AWS::SQS::Queue')
  .map(([id, properties]) => ({ name: nameOf(id), ...queue_schema.parse(properties) }));
const alarms = stack.all('AWS::CloudWatch::Alarm').map(([, properties]) => alarm_schema.parse(properties));
const DEAD_LETTERS = [
  'ReconciliationMissed',
  'ReconciliationRunsDeadLetters',
  'SweepMissed',
  'SweepResetsDeadLetters',
  'WebhookEventsDeadLetters',
];

describe.each(queues.map((queue) => [queue.name, queue] as const))('queue %s', (name, queue) => {
  test('is encrypted, and refuses plain connections', () => {
    expect(queue.SqsManagedSseEnabled).toBe(true);
    const policies = stack.all('AWS::SQS::QueuePolicy').filter(([, { Queues }]) => referred(Queues).includes(name));
    expect(policies.map(([, { PolicyDocument }]) => PolicyDocument)).toMatchObject([
      {
        Statement: [{ Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      },
    ]);
  });

  test('either holds dead letters and alarms when there are any, or hands them to one that does', () => {
    const holder = queue.RedrivePolicy ? referred(queue.RedrivePolicy.deadLetterTargetArn)[0] : name;
    if (queue.RedrivePolicy) expect(queue.RedrivePolicy.maxReceiveCount).toBe(5);
    expect(DEAD_LETTERS).toContain(holder);
    expect(alarmsOf(holder ?? '')).toMatchObject([
      { MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1, TreatMissingData: 'notBreaching' },
    ]);
  });
});

test('the dead letters of a FIFO queue are FIFO too', () => {
  expect(
    queues
      .filter(({ FifoQueue }) => FifoQueue)
      .map(({ name }) => name)
      .sort(),
  ).toEqual([
    'ReconciliationRunsDeadLetters',
    'ReconciliationRunsQueue',
    'WebhookEventsDeadLetters',
    'WebhookEventsQueue',
  ]);
});

test('Stripe events of one customer keep their order, others do not wait, and only an equal id is a duplicate', () => {
  const { Properties } = stack.one('AWS::SQS::Queue', 'WebhookEventsQueue');
  expect(Properties).toMatchObject({
    FifoQueue: true,
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  });
  expect(Properties).not.toHaveProperty('ContentBasedDeduplication');
});

test.each([
  ['WebhookWorker', 'WebhookEventsQueue', 10],
  ['SweepWorker', 'SweepResetsQueue', 1],
  ['ReconciliationWorker', 'ReconciliationRunsQueue', 1],
])(
  '%s takes from %s in batches of %i, reports single failures, and has time for a whole batch',
  (worker, queue, batch_size) => {
    const sources = stack
      .all('AWS::Lambda::EventSourceMapping')
      .map(([, properties]) => properties)
      .filter(({ FunctionName }) => referred(FunctionName)[0] === worker);
    expect(sources).toMatchObject([{ BatchSize: batch_size, FunctionResponseTypes: ['ReportBatchItemFailures'] }]);
    expect(referred(sources[0]?.EventSourceArn)).toEqual([queue]);
    const { Timeout } = z.object({ Timeout: z.number() }).parse(stack.one('AWS::Lambda::Function', worker).Properties);
    const { VisibilityTimeout } = queue_schema.parse(stack.one('AWS::SQS::Queue', queue).Properties);
    expect(VisibilityTimeout).toBe(6 * Timeout);
  },
);

test.each(['Sweep', 'Reconciliation'])('%s starts every hour; a failed start is kept, wherever it failed', (name) => {
  const { Properties } = stack.one('AWS::Scheduler::Schedule', `${name}EveryHour`);
  const target = z
    .object({
      Arn: z.unknown(),
      DeadLetterConfig: z.unknown(),
      RetryPolicy: z.object({ MaximumRetryAttempts: z.number() }),
    })
    .parse(Properties.Target);
  expect(Properties).toMatchObject({ ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' });
  expect(referred(target.Arn)).toEqual([`${name}Dispatcher`]);
  expect(referred(target.DeadLetterConfig)).toEqual([`${name}Missed`]);
  expect(target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
  const { DeadLetterConfig } = stack.one('AWS::Lambda::Function', `${name}Dispatcher`).Properties;
  expect(referred(DeadLetterConfig)).toEqual([`${name}Missed`]);
});

test.each(stack.names('AWS::Lambda::Function'))('function %s alarms when it fails', (name) => {
  expect(alarmsOf(name)).toMatchObject([{ MetricName: 'Errors', Threshold: 1, TreatMissingData: 'notBreaching' }]);
});

test('a quarantined event alarms, in its own stage only', () => {
  const outcome = { Name: 'outcome', Value: 'quarantined' };
  const [quarantined, ...others] = alarms.filter(({ MetricName }) => MetricName === 'StripeEvents');
  expect(others).toEqual([]);
  expect(quarantined).toMatchObject({
    Namespace: 'BillingCredits/dev',
    Threshold: 1,
    TreatMissingData: 'notBreaching',
  });
  expect(quarantined?.Dimensions).toHaveLength(2);
  expect(quarantined?.Dimensions).toEqual(
    expect.arrayContaining([outcome, { Name: 'service', Value: 'webhook-worker' }]),
  );
  expect(stack.one('AWS::Lambda::Function', 'WebhookWorker').Properties).toMatchObject({
    Environment: {
      Variables: { POWERTOOLS_METRICS_NAMESPACE: 'BillingCredits/dev', POWERTOOLS_SERVICE_NAME: 'webhook-worker' },
    },
  });
});

test('drift between Stripe and the accounts alarms, in its own stage only', () => {
  const drift = alarms.filter(({ MetricName }) => MetricName === 'StripeDrift');
  expect(drift).toMatchObject([
    {
      Namespace: 'BillingCredits/dev',
      Dimensions: [{ Name: 'service', Value: 'reconciliation-worker' }],
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    },
  ]);
});

test.each(stack.all('AWS::Lambda::Function'))('%s runs Node 24 on ARM and logs JSON to its own group', (id, fn) => {
  expect(fn).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    LoggingConfig: { LogFormat: 'JSON' },
  });
  expect(referred(fn.LoggingConfig)).toEqual([`${nameOf(id)}Logs`]);
});

test('logs are not kept for ever', () => {
  for (const [, group] of stack.all('AWS::Logs::LogGroup')) expect(group.RetentionInDays).toBe(7);
});

test('the API alarms when it answers 5xx', () => {
  expect(alarmsOf('HttpApi')).toMatchObject([{ MetricName: '5xx', TreatMissingData: 'notBreaching' }]);
});

test('each alarm reaches the encrypted topic, and links to the runbook', () => {
  for (const { AlarmActions, AlarmDescription } of alarms) {
    expect(referred(AlarmActions)).toEqual(['AlarmsTopic']);
    expect(AlarmDescription).toMatch(/docs\/runbook\.md#[a-z-]+$/);
  }
  expect(referred(stack.one('AWS::SNS::Topic', 'AlarmsTopic').Properties.KmsMasterKeyId)).toEqual(['AlarmsKey']);
});

test('each alarm has its heading in the runbook', () => {
  const headings = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
  for (const { AlarmDescription } of alarms) expect(headings).toContain(AlarmDescription.split('#')[1]);
});

/** The alarms on a queue, function or API. */
function alarmsOf(name: string): z.output<typeof alarm_schema>[] {
  return alarms.filter(({ Dimensions }) => Dimensions.some(({ Value }) => referred(Value).includes(name)));
}
