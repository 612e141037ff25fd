import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnResource } from 'aws-cdk-lib/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BillingApp, billingApp } from '../../infra/billing-app.ts';
import { addTemplateChecks } from '../../infra/template-checks.ts';
import { httpRoutes } from '../../shared/api/routes.ts';
import { GIVEN_ISSUER, WITHOUT_BUNDLES } from './synthesized-stack.ts';

// The rules are a WebAssembly engine, which takes some seconds on a small machine.
vi.setConfig({ testTimeout: 60_000 });

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'billing-infra-'));
  // Findings are printed as well as thrown.
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(outdir, { recursive: true, force: true });
});

function checked(context: Record<string, string>): BillingApp {
  const made = billingApp({
    routes: httpRoutes(),
    app_urls: ['https://app.example.com'],
    outdir,
    context: { ...WITHOUT_BUNDLES, ...context },
  });
  addTemplateChecks(made.app);
  return made;
}

describe('each finding of cdk-nag and of CloudFormation is mended or acknowledged', () => {
  test.each([
    ['in development with a user pool of its own', {}],
    ['in production with a user pool of its own', { stage: 'production' }],
    ['in production with a given issuer', { stage: 'production', ...GIVEN_ISSUER }],
    ["with Stripe's events through EventBridge", { stripeEventSource: 'aws.partner/stripe.com/ed_test_1' }],
  ])('%s', (_name, context) => {
    expect(() => checked(context).app.synth()).not.toThrow();
  });
});

describe('the template checks find', () => {
  test('what AwsSolutions forbids', () => {
    const { app, stack } = checked({});
    new Queue(stack, 'WithoutDeadLetters');
    expect(() => app.synth()).toThrow('AwsSolutions-SQS3');
  });

  test('what CloudFormation does not know', () => {
    const { app, stack } = checked({});
    new CfnResource(stack, 'Wrong', {
      type: 'AWS::SQS::Queue',
      properties: { VisibilityTimeout: 'soon', Colour: 'red' },
    });
    expect(() => app.synth()).toThrow(/Colour/);
  });
});
