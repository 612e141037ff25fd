import { describe, expect, test } from 'vitest';
import { InvalidSettings } from '../../infra/settings.ts';
import { GIVEN_ISSUER, SynthesizedStack } from './synthesized-stack.ts';

describe('a wrong context is refused with the name of the value', () => {
  test.each([
    ['stage', { stage: 'Production!' }],
    ['issuer', { ...GIVEN_ISSUER, issuer: 'sign-in.example.com' }],
    ['audience', { issuer: GIVEN_ISSUER.issuer }],
    ['audience', { audience: GIVEN_ISSUER.audience }],
    ['appUrl.0', { appUrl: 'javascript:alert(1)' }],
    ['appUrl.1', { appUrl: 'https://app.example.com,admin.example.com' }],
    ['appUrl.0', { appUrl: '' }],
    ['stripeEventSource', { stripeEventSource: 'aws.partner/example.com/1' }],
  ])('%s', (name, context) => {
    expect(() => SynthesizedStack.of(context)).toThrow(InvalidSettings);
    expect(() => SynthesizedStack.of(context)).toThrow(`  ${name}: `);
  });
});

describe('a context that is not known is refused', () => {
  const refused = (name: string, meant: string) =>
    `  ${name}: is not known; did you mean ${meant}? There are stage, issuer, audience, appUrl, stripeEventSource.`;

  test.each([
    ['app_url', 'appUrl'],
    ['app-url', 'appUrl'],
    ['APPURL', 'appUrl'],
    ['isuer', 'issuer'],
    ['audiences', 'audience'],
    ['stageName', 'stage'],
    ['stripeSource', 'stripeEventSource'],
  ])('%s, where %s is meant', (name, meant) => {
    expect(() => SynthesizedStack.of({ [name]: 'x' })).toThrow(InvalidSettings);
    expect(() => SynthesizedStack.of({ [name]: 'x' })).toThrow(refused(name, meant));
  });

  test('together with what is wrong beside it', () => {
    const build = () => SynthesizedStack.of({ Stage: 'production', issuer: 'x', audience: 'y' });
    expect(build).toThrow(refused('Stage', 'stage'));
    expect(build).toThrow('  issuer: ');
  });

  test("but not CDK's own", () => {
    const own = { 'cli-telemetry': 'false', 'aws-cdk:enableDiffNoFail': 'true', '@aws-cdk/core:x': 'true' };
    expect(() => SynthesizedStack.of(own)).not.toThrow();
  });
});

test('the outputs name what has to be filled in, called or looked at', () => {
  expect(Object.keys(SynthesizedStack.of(GIVEN_ISSUER).outputs).sort()).toEqual([
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
    const secrets = Object.values(SynthesizedStack.of({ ...GIVEN_ISSUER, stage }).resources).filter(
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
