import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { GIVEN_ISSUER, nameOf, referred, SynthesizedStack } from './synthesized-stack.ts';

const event_source = 'aws.partner/stripe.com/ed_test_1';
const without = SynthesizedStack.of(GIVEN_ISSUER);
const stack = SynthesizedStack.of({ ...GIVEN_ISSUER, stripeEventSource: event_source });

test('the event bus is there only if a deployment asks for it, and changes nothing else', () => {
  const added = Object.keys(stack.resources).filter((id) => !(id in without.resources));
  expect([...new Set(added.map((id) => nameOf(id).replace(/AllowEventRule.*$/, 'AllowRule')))].sort()).toEqual([
    'StripeEventBus',
    'StripeEventBusIngress',
    'StripeEventBusIngressErrors',
    'StripeEventBusIngressLogs',
    'StripeEventBusIngressRole',
    'StripeEventBusIngressRoleDefaultPolicy',
    'StripeEventBusMissed',
    'StripeEventBusMissedNotEmpty',
    'StripeEventBusMissedPolicy',
    'StripeEventBusRule',
    'StripeEventBusRuleAllowRule',
  ]);
  for (const [id, resource] of Object.entries(without.resources)) expect(stack.resources[id]).toEqual(resource);
  expect(Object.keys(stack.outputs).filter((name) => !(name in without.outputs))).toEqual(['StripeEventBusMissedUrl']);
});

test('Stripe’s partner event source gets a bus, and its events go to the function and nowhere else', () => {
  const [[, bus] = []] = stack.all('AWS::Events::EventBus');
  expect(bus).toMatchObject({ Name: event_source, EventSourceName: event_source });
  const [[, rule] = []] = stack.all('AWS::Events::Rule');
  expect(rule).toMatchObject({ EventPattern: { source: [event_source] }, State: 'ENABLED' });
  expect(referred(rule?.EventBusName)).toEqual(['StripeEventBus']);
  const targets = z.array(z.object({ Arn: z.unknown(), DeadLetterConfig: z.unknown() })).parse(rule?.Targets);
  expect(targets.map(({ Arn, DeadLetterConfig }) => [...referred(Arn), ...referred(DeadLetterConfig)])).toEqual([
    ['StripeEventBusIngress', 'StripeEventBusMissed'],
  ]);
});

test('only the rule may start the function, and only the rule may keep there what it could not deliver', () => {
  const permissions = stack
    .all('AWS::Lambda::Permission')
    .filter(([, { FunctionName }]) => referred(FunctionName)[0] === 'StripeEventBusIngress');
  expect(permissions).toHaveLength(1);
  expect(permissions[0]?.[1]).toMatchObject({ Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' });
  expect(referred(permissions[0]?.[1].SourceArn)).toEqual(['StripeEventBusRule']);

  const { PolicyDocument } = stack.one('AWS::SQS::QueuePolicy', 'StripeEventBusMissedPolicy').Properties;
  const { Statement } = z
    .object({ Statement: z.array(z.object({ Effect: z.string(), Action: z.string(), Condition: z.unknown() })) })
    .parse(PolicyDocument);
  const [deny, allow] = Statement;
  expect(deny).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  expect(allow).toMatchObject({ Effect: 'Allow', Action: 'sqs:SendMessage' });
  expect(referred(allow?.Condition)).toEqual(['StripeEventBusRule']);
  expect(Statement).toHaveLength(2);
});

test('an event that did not get onto the queue is kept and alarms, whether the rule or the function failed', () => {
  expect(stack.one('AWS::SQS::Queue', 'StripeEventBusMissed').Properties).toMatchObject({
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 14 * 24 * 3600,
  });
  const { DeadLetterConfig } = stack.one('AWS::Lambda::Function', 'StripeEventBusIngress').Properties;
  expect(referred(DeadLetterConfig)).toEqual(['StripeEventBusMissed']);
  const alarm = stack.one('AWS::CloudWatch::Alarm', 'StripeEventBusMissedNotEmpty').Properties;
  expect(alarm).toMatchObject({ MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1 });
  expect(alarm.AlarmDescription).toContain('docs/runbook.md#stripe-event-bus-missed');
  expect(readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')).toContain(
    '\n## Stripe event bus missed\n',
  );
});
