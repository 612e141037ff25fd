import type { App } from 'aws-cdk-lib/core';
import * as z from 'zod';
import { nearestName } from './nearest-name.ts';
import { type Stage, stageOf } from './stage.ts';

/** An existing OpenID issuer and the audiences that its tokens for this API may have. */
export interface GivenIssuer {
  readonly issuer: string;
  readonly audiences: readonly string[];
}

/**
 * URLs of apps. People come back to the first; browsers may call the API from the origin of each.
 */
export type AppUrls = readonly [string, ...string[]];

/** The CDK context of one deployment (`cdk deploy -c stage=production …`). */
export interface Settings {
  readonly stage: Stage;
  /** Undefined: the stack makes a Cognito user pool. */
  readonly issuer: GivenIssuer | undefined;
  readonly app_urls: AppUrls;
  /** The partner event source by which Stripe's events come through Amazon EventBridge as well. */
  readonly stripe_event_source: string | undefined;
}

const web_url = z.url({ protocol: /^https?$/ });

const split = (text: string) => text.split(',').map((part) => part.trim());

const context_fields = z.object({
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, 'must be lower-case letters, digits and -, at most 20')
    .default('dev'),
  issuer: web_url.optional(),
  audience: z.string().min(1).optional(),
  appUrl: z
    .string()
    .transform(split)
    .pipe(z.tuple([web_url], web_url))
    .optional(),
  stripeEventSource: z
    .string()
    .regex(/^aws\.partner\/stripe\.com\/[\w.-]+$/, 'must be a partner event source of Stripe: aws.partner/stripe.com/…')
    .optional(),
});

const context_schema = context_fields.refine(
  ({ issuer, audience }) => (issuer === undefined) === (audience === undefined),
  {
    path: ['audience'],
    message: 'issuer and audience belong together: give both, or neither for a Cognito user pool',
  },
);

const KNOWN_NAMES = Object.keys(context_fields.shape);

/**
 * Names that CDK and its command line use themselves: all but these have a colon or a slash in them
 * (`aws:cdk:…`, `@aws-cdk/…`, `availability-zones:account=…`).
 */
const NAMES_OF_CDK = ['acknowledged-issue-numbers', 'cdk-migrate', 'cli-telemetry'];

interface Issue {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** The context is wrong; the message names each value. */
export class InvalidSettings extends Error {
  constructor(issues: readonly Issue[]) {
    const lines = issues.map((issue) => `  ${issue.path.map(String).join('.')}: ${issue.message}`);
    super(`CDK context is wrong:\n${lines.join('\n')}`);
    this.name = 'InvalidSettings';
  }
}

/**
 * Reads `stage` (default dev), `issuer` with `audience`, `appUrl` (default: the configuration's)
 * and `stripeEventSource` from the context. `audience` and `appUrl` can be several, with commas
 * between them. Throws `InvalidSettings`, also for a name that is not known.
 */
export function readSettings(app: App, configured_app_urls: AppUrls): Settings {
  const given: Record<string, unknown> = app.node.getAllContext();
  const unknown = unknownNames(Object.keys(given));
  const context = context_schema.safeParse(given);
  if (!context.success) throw new InvalidSettings([...unknown, ...context.error.issues]);
  if (unknown.length > 0) throw new InvalidSettings(unknown);
  const { stage, issuer, audience, appUrl, stripeEventSource } = context.data;
  return {
    stage: stageOf(stage),
    issuer: issuer && audience ? { issuer, audiences: split(audience) } : undefined,
    app_urls: appUrl ?? configured_app_urls,
    stripe_event_source: stripeEventSource,
  };
}

/** If a misspelt name were ignored, the deployment would differ from what was meant. */
function unknownNames(names: readonly string[]): Issue[] {
  return names
    .filter((name) => !/[:/]/.test(name) && !NAMES_OF_CDK.includes(name) && !KNOWN_NAMES.includes(name))
    .map((name) => ({
      path: [name],
      message: `is not known; did you mean ${nearestName(name, KNOWN_NAMES)}? There are ${KNOWN_NAMES.join(', ')}.`,
    }));
}
