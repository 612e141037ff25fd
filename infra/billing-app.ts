import { App, type AppProps } from 'aws-cdk-lib/core';
import type { ApiRoute } from '../shared/api/routes.ts';
import { BillingStack } from './billing-stack.ts';
import { type AppUrls, readSettings } from './settings.ts';

/**
 * Set here and not in cdk.json, so that the `cdk` command and the local cloud get the same
 * template.
 */
const FEATURE_FLAGS = {
  '@aws-cdk/aws-iam:minimizePolicies': true,
  // Makes what CloudFormation would refuse an error, not a warning.
  '@aws-cdk/core:validateAgainstDefaultRules': true,
};

export interface BillingAppProps extends AppProps {
  readonly routes: readonly ApiRoute[];
  /** From billing.config.ts; the context `appUrl` overrides them. */
  readonly app_urls: AppUrls;
}

export interface BillingApp {
  readonly app: App;
  readonly stack: BillingStack;
}

/** The CDK app with its one stack, not yet checked and synthesized. Throws `InvalidSettings`. */
export function billingApp({ routes, app_urls, context, ...props }: BillingAppProps): BillingApp {
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: false,
    ...props,
    context: { ...FEATURE_FLAGS, ...context },
  });
  const settings = readSettings(app, app_urls);
  const stack = new BillingStack(app, `billing-credits-${settings.stage.name}`, { ...settings, routes });
  return { app, stack };
}
