import type { App } from 'aws-cdk-lib/core';
import * as z from 'zod';
import { type Stage, stageOf } from './stage.ts';

/** An existing OpenID issuer and the audiences that its tokens for this API may have. */
export interface GivenIssuer {
  readonly issuer: string;
  readonly audiences: readonly string[];
}

/** What one deployment is told by CDK context (`cdk deploy -c stage=production …`). */
export interface Settings {
  readonly stage: Stage;
  /** Without it the stack makes a Cognito user pool. */
  readonly issuer: GivenIssuer | undefined;
  /** The app that customers come from and go back to. */
  readonly app_url: string;
  /** The partner event source by which Stripe's events come through Amazon EventBridge as well. */
  readonly stripe_event_source: string | undefined;
}

const web_url = z.url({ protocol: /^https?$/ });

const context_schema = z
  .object({
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,19}$/, 'must be lower-case letters, digits and -, at most 20')
      .default('dev'),
    issuer: web_url.optional(),
    audience: z.string().min(1).optional(),
    appUrl: web_url.optional(),
    stripeEventSource: z
      .string()
      .regex(
        /^aws\.partner\/stripe\.com\/[\w.-]+$/,
        'must be a partner event source of Stripe: aws.partner/stripe.com/…',
      )
      .optional(),
  })
  .refine(({ issuer, audience }) => (issuer === undefined) === (audience === undefined), {
    path: ['audience'],
    message: 'issuer and audience belong together: give both, or neither for a Cognito user pool',
  });

/** The context is wrong; the message names each value. */
export class InvalidSettings extends Error {
  constructor(issues: readonly { path: PropertyKey[]; message: string }[]) {
    const lines = issues.map((issue) => `  ${issue.path.map(String).join('.')}: ${issue.message}`);
    super(`CDK context is wrong:\n${lines.join('\n')}`);
    this.name = 'InvalidSettings';
  }
}

/**
 * Reads `stage` (default dev), `issuer` with `audience` (one, or several with commas between them), `appUrl` (default: the
 * configuration's) and `stripeEventSource` from the context. Throws `InvalidSettings`.
 */
export function readSettings(app: App, configured_app_url: string): Settings {
  const names = ['stage', 'issuer', 'audience', 'appUrl', 'stripeEventSource'];
  const context = context_schema.safeParse(
    Object.fromEntries(names.map((name) => [name, app.node.tryGetContext(name)])),
  );
  if (!context.success) throw new InvalidSettings(context.error.issues);
  const { stage, issuer, audience, appUrl, stripeEventSource } = context.data;
  return {
    stage: stageOf(stage),
    issuer: issuer && audience ? { issuer, audiences: audience.split(',') } : undefined,
    app_url: appUrl ?? configured_app_url,
    stripe_event_source: stripeEventSource,
  };
}
