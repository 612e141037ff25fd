import { describe, expect, test } from 'vitest';
import { consequences, recordedResources, statefulResources } from './stateful.ts';
import { SynthesizedStack } from './synthesized-stack.ts';

/** CloudFormation takes 500 resources in a stack, an HTTP API 300 routes. */
const MOST_RESOURCES = 400;
const MOST_ROUTES = 250;

test('no table, key, bucket, user pool or secret changes its logical id, and no table its keys', () => {
  const found = consequences(recordedResources(), statefulResources());
  const advice = 'If that is wanted, run `npx node test/infra/write-stateful.ts` to rewrite test/infra/stateful.json.';
  expect(found, [...found, advice].join('\n')).toEqual([]);
});

describe('the record says what a deployment would do', () => {
  const key = { type: 'AWS::KMS::Key' };
  const table = { type: 'AWS::DynamoDB::GlobalTable', key: 'account_id:S', indexes: { by_due: 'due_at:N' } };

  test('nothing to a resource that stays as it is', () => {
    expect(consequences({ Key1: key, Table1: table }, { Table1: table, Key1: key })).toEqual([]);
  });

  test('to a resource whose id changes: it is orphaned, and its successor is not recorded', () => {
    expect(consequences({ Key1: key }, { Key2: key })).toEqual([
      'a retained resource would be orphaned: Key1 (AWS::KMS::Key)',
      'a resource is not recorded yet: Key2 (AWS::KMS::Key)',
    ]);
  });

  test('to a table whose key changes: it is replaced', () => {
    expect(consequences({ Table1: table }, { Table1: { ...table, key: 'account_id:N' } })).toEqual([
      expect.stringMatching(/^a resource would be replaced by an empty one: Table1 /),
    ]);
  });

  test.each([
    ['an index', { indexes: { by_due: 'due_at:S' } }],
    ['a stream', { stream: 'NEW_IMAGE' }],
    ['the time to live', { ttl: 'expires_at' }],
  ])('%s of a table changes', (_, change) => {
    expect(consequences({ Table1: table }, { Table1: { ...table, ...change } })).toEqual([
      expect.stringMatching(/^an index, a stream or the time to live changes: Table1 /),
    ]);
  });
});

test(`the stack stays below ${MOST_RESOURCES} resources and ${MOST_ROUTES} routes`, () => {
  const largest = SynthesizedStack.of({ stripeEventSource: 'aws.partner/stripe.com/ed_test_1' });
  expect(Object.keys(largest.resources).length).toBeLessThanOrEqual(MOST_RESOURCES);
  expect(largest.all('AWS::ApiGatewayV2::Route').length).toBeLessThanOrEqual(MOST_ROUTES);
});
