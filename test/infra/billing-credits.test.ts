import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { billingApp } from '../../infra/billing-app.ts';
import { BillingCredits } from '../../infra/billing-credits.ts';
import { stageOf } from '../../infra/stage.ts';
import { httpRoutes } from '../../shared/api/routes.ts';
import { WITHOUT_BUNDLES } from './synthesized-stack.ts';

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'billing-infra-'));
});
afterEach(() => rmSync(outdir, { recursive: true, force: true }));

const isInBillingCredits = ({ node }: IConstruct) => node.scopes.some((scope) => scope instanceof BillingCredits);

test('all resources of the stack stand under BillingCredits', () => {
  const { stack } = billingApp({
    routes: httpRoutes(),
    app_urls: ['https://app.example.com'],
    outdir,
    context: { ...WITHOUT_BUNDLES, stripeEventSource: 'aws.partner/stripe.com/ed_test_1' },
  });
  const resources = stack.node.findAll().filter((construct) => CfnResource.isCfnResource(construct));
  expect(resources.length).toBeGreaterThan(0);
  expect(resources.filter((resource) => !isInBillingCredits(resource)).map(({ node }) => node.path)).toEqual([]);
});

test('a team can put BillingCredits into its own stack, beside other things', () => {
  const app = new App({ outdir, context: WITHOUT_BUNDLES, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Team');
  const billing = new BillingCredits(stack, 'Billing', {
    stage: stageOf('production'),
    issuer: { issuer: 'https://sign-in.example.com', audiences: ['app'] },
    app_urls: ['https://app.example.com'],
    stripe_event_source: undefined,
    routes: httpRoutes(),
  });
  const tables = Object.keys(app.synth().getStackByName('Team').template.Resources).filter((id) => /Table/.test(id));
  expect(tables.length).toBeGreaterThan(0);
  for (const id of tables) expect(id).toMatch(/^Billing/);
  expect(billing.outputs.ApiUrl).toBe(billing.api_url);
});
