import { describe, expect, test } from 'vitest';
import { InvalidSettings } from '../../infra/settings.ts';
import { GIVEN_ISSUER, SynthesizedStack } from './synthesized-stack.ts';

describe('a wrong context is refused with the name of the value', () => {
  test.each([
    ['stage', { stage: 'Production!' }],
    ['issuer', { ...GIVEN_ISSUER, issuer: 'sign-in.example.com' }],
    ['audience', { issuer: GIVEN_ISSUER.issuer }],
    ['audience', { audience: GIVEN_ISSUER.audience }],
    ['appUrl', { appUrl: 'javascript:alert(1)' }],
    ['stripeEventSource', { stripeEventSource: 'aws.partner/example.com/1' }],
  ])('%s', (name, context) => {
    expect(() => new SynthesizedStack(context)).toThrow(InvalidSettings);
    expect(() => new SynthesizedStack(context)).toThrow(`  ${name}: `);
  });
});

test('the outputs name what has to be filled in, called or looked at', () => {
  expect(Object.keys(new SynthesizedStack(GIVEN_ISSUER).outputs).sort()).toEqual([
    'AccountPartsTableName',
    'AccountsTableName',
    'AlarmTopicArn',
    'ApiUrl',
    'LedgerTableName',
    'ReconciliationDeadLettersUrl',
    'ReconciliationMissedUrl',
    'RequestsTableName',
    'ResetsDeadLettersUrl',
    'StripeApiKeySecretArn',
    'StripeEventsDeadLettersUrl',
    'StripeEventsQueueUrl',
    'StripeEventsTableName',
    'StripeWebhookSecretsSecretArn',
    'SweepMissedUrl',
    'UsageTableName',
    'WebhookUrl',
  ]);
});

test('no secret is in the template: each gets a random value, and is kept in production', () => {
  for (const stage of ['dev', 'production']) {
    const secrets = Object.values(new SynthesizedStack({ ...GIVEN_ISSUER, stage }).resources).filter(
      ({ Type }) => Type === 'AWS::SecretsManager::Secret',
    );
    expect(secrets).toHaveLength(2);
    for (const { Properties, DeletionPolicy } of secrets) {
      expect(Properties).toHaveProperty('GenerateSecretString');
      expect(Properties).not.toHaveProperty('SecretString');
      expect(DeletionPolicy).toBe(stage === 'production' ? 'Retain' : 'Delete');
    }
  }
});
