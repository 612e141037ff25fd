import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { BillingCredits, type BillingCreditsProps } from './billing-credits.ts';
import type { Stage } from './stage.ts';

/** A stack with nothing but `BillingCredits` in it, and its outputs. */
export class BillingStack extends Stack {
  readonly stage: Stage;

  constructor(scope: Construct, id: string, props: BillingCreditsProps) {
    super(scope, id, {
      description: 'billing-credits: subscriptions by Stripe, credits kept here',
      terminationProtection: props.stage.is_production,
    });
    this.stage = props.stage;
    // CDK leaves the id Default out of logical ids, so that they say `LedgerTable` and not
    // `BillingLedgerTable`.
    const { outputs } = new BillingCredits(this, 'Default', props);
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
