/**
 * The functions' environment variables: the only names that infrastructure and code share. A
 * construct's grant adds the variable together with the permission, and `readEnvironment` checks it
 * once at a cold start.
 */
export const variables = {
  accounts_table: 'ACCOUNTS_TABLE',
  account_parts_table: 'ACCOUNT_PARTS_TABLE',
  ledger_table: 'LEDGER_TABLE',
  stripe_events_table: 'STRIPE_EVENTS_TABLE',
  usage_table: 'USAGE_TABLE',
  requests_table: 'REQUESTS_TABLE',
  stripe_events_queue_url: 'STRIPE_EVENTS_QUEUE_URL',
  resets_queue_url: 'RESETS_QUEUE_URL',
  reconciliation_queue_url: 'RECONCILIATION_QUEUE_URL',
  stripe_api_key_secret_arn: 'STRIPE_API_KEY_SECRET_ARN',
  stripe_webhook_secrets_secret_arn: 'STRIPE_WEBHOOK_SECRETS_SECRET_ARN',
  /** Where the fake Stripe listens. Only the local cloud sets it. */
  stripe_api_url: 'STRIPE_API_URL',
  app_url: 'APP_URL',
  /** `production` takes live Stripe keys and events; every other stage takes test ones. */
  stage: 'STAGE',
} as const;

export type VariableName = keyof typeof variables;

/** A variable that this function needs is not set: the deployment lacks a grant. */
export class MissingVariable extends Error {
  readonly variable: string;
  constructor(variable: string) {
    super(
      `environment variable ${variable} is not set: deploy the stack again; if that does not help, the function's construct lacks a grant`,
    );
    this.name = 'MissingVariable';
    this.variable = variable;
  }
}

/** The value of each named variable. Throws `MissingVariable` for the first that is not set. */
export function readEnvironment<N extends VariableName>(...names: N[]): Record<N, string> {
  const values: Partial<Record<N, string>> = {};
  for (const name of names) {
    const value = readOptional(name);
    if (value === undefined) throw new MissingVariable(variables[name]);
    values[name] = value;
  }
  return values as Record<N, string>;
}

/** The variable's value, or undefined if it is absent. */
export function readOptional(name: VariableName): string | undefined {
  const value = process.env[variables[name]];
  return value === undefined || value === '' ? undefined : value;
}
