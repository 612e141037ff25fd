import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { BillingFunction } from './billing-function.ts';

/**
 * The two secrets from Stripe. The stack makes each with a random value that means nothing to
 * Stripe. You put the real one in once, after the first deployment; no later deployment touches it.
 */
export class StripeSecrets extends Construct {
  /** A plain string, sk_… */
  readonly api_key: Secret;
  /**
   * A plain string, one whsec_… or several with commas between them while one replaces the other.
   */
  readonly webhook_secrets: Secret;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.api_key = this.#placeholder('ApiKey', 'Stripe API key (sk_…): fill in after the first deployment', stage);
    this.webhook_secrets = this.#placeholder(
      'WebhookSecrets',
      'Signing secrets of the Stripe webhook endpoint (whsec_…, separated by commas): fill in after the first deployment',
      stage,
    );
  }

  grantReadApiKey(fn: BillingFunction): void {
    grantRead(this.api_key, fn, variables.stripe_api_key_secret_arn);
  }

  grantReadWebhookSecrets(fn: BillingFunction): void {
    grantRead(this.webhook_secrets, fn, variables.stripe_webhook_secrets_secret_arn);
  }

  #placeholder(id: string, description: string, stage: Stage): Secret {
    const secret = new Secret(this, id, {
      description,
      generateSecretString: { excludePunctuation: true },
      removalPolicy: stage.removal_policy,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Only Stripe can issue a new value; docs/runbook.md says how to rotate it.',
    });
    return secret;
  }
}

function grantRead(secret: Secret, fn: BillingFunction, variable: string): void {
  fn.addEnvironment(variable, secret.secretArn);
  fn.addToRolePolicy(
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] }),
  );
}
