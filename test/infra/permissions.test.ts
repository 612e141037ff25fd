import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { permissionsOf, policy_schema } from './permissions.ts';
import { GIVEN_ISSUER, nameOf, referred, SynthesizedStack } from './synthesized-stack.ts';

const function_schema = z.object({
  Role: z.unknown(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

/** With all that a deployment can be told to have. */
const stack = SynthesizedStack.of({ ...GIVEN_ISSUER, stripeEventSource: 'aws.partner/stripe.com/ed_test_1' });

const CONSUME = ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'];

/** What it takes to apply Stripe's events to accounts. */
const APPLY_EVENTS = [
  'dynamodb:GetItem AccountsTable',
  'dynamodb:PutItem AccountsTable',
  'dynamodb:Query AccountsTable/index/by_stripe_customer',
  'dynamodb:GetItem AccountPartsTable',
  'dynamodb:PutItem AccountPartsTable',
  'dynamodb:PutItem LedgerTable',
  'dynamodb:GetItem StripeEventsTable',
  'dynamodb:PutItem StripeEventsTable',
  'secretsmanager:GetSecretValue StripeApiKey',
];

/** What each role may do, and nothing else: `action resource`, beside its own log group. */
const ALLOWED: Record<string, string[]> = {
  Checkout: [
    'dynamodb:GetItem AccountsTable',
    'dynamodb:PutItem AccountsTable',
    'dynamodb:PutItem LedgerTable',
    'dynamodb:GetItem RequestsTable',
    'dynamodb:PutItem RequestsTable',
    'secretsmanager:GetSecretValue StripeApiKey',
  ],
  Credits: [
    'dynamodb:GetItem AccountsTable',
    'dynamodb:PutItem AccountsTable',
    'dynamodb:GetItem AccountPartsTable',
    'dynamodb:PutItem AccountPartsTable',
    'dynamodb:GetItem LedgerTable',
    'dynamodb:PutItem LedgerTable',
    'dynamodb:Query LedgerTable/index/by_seq',
    'dynamodb:GetItem RequestsTable',
    'dynamodb:PutItem RequestsTable',
    'dynamodb:UpdateItem UsageTable',
  ],
  Access: [
    'dynamodb:GetItem AccountsTable',
    'dynamodb:PutItem AccountsTable',
    'dynamodb:PutItem LedgerTable',
    'dynamodb:GetItem RequestsTable',
    'dynamodb:PutItem RequestsTable',
    'dynamodb:GetItem UsageTable',
    'dynamodb:Query UsageTable',
    'dynamodb:UpdateItem UsageTable',
  ],
  Admin: [
    ...APPLY_EVENTS,
    'dynamodb:Query StripeEventsTable/index/by_quarantine',
    'dynamodb:GetItem RequestsTable',
    'dynamodb:PutItem RequestsTable',
    'sqs:SendMessage ReconciliationRunsQueue',
  ],
  WebhookReceiver: ['secretsmanager:GetSecretValue StripeWebhookSecrets', 'sqs:SendMessage WebhookEventsQueue'],
  WebhookWorker: [...APPLY_EVENTS, ...CONSUME.map((action) => `sqs:${action} WebhookEventsQueue`)],
  StripeEventBusIngress: ['sqs:SendMessage StripeEventBusMissed', 'sqs:SendMessage WebhookEventsQueue'],
  ReconciliationDispatcher: ['sqs:SendMessage ReconciliationMissed', 'sqs:SendMessage ReconciliationRunsQueue'],
  ReconciliationWorker: [
    'dynamodb:GetItem AccountsTable',
    'dynamodb:Query AccountsTable/index/by_stripe_customer',
    'dynamodb:GetItem AccountPartsTable',
    'dynamodb:BatchGetItem StripeEventsTable',
    'dynamodb:GetItem StripeEventsTable',
    'dynamodb:PutItem StripeEventsTable',
    'secretsmanager:GetSecretValue StripeApiKey',
    'sqs:SendMessage WebhookEventsQueue',
    'sqs:SendMessage ReconciliationRunsQueue',
    ...CONSUME.map((action) => `sqs:${action} ReconciliationRunsQueue`),
  ],
  SweepDispatcher: ['sqs:SendMessage SweepMissed', 'sqs:SendMessage SweepResetsQueue'],
  SweepWorker: [
    'dynamodb:GetItem AccountsTable',
    'dynamodb:PutItem AccountsTable',
    'dynamodb:Query AccountsTable/index/by_due',
    'dynamodb:PutItem LedgerTable',
    'sqs:SendMessage SweepResetsQueue',
    ...CONSUME.map((action) => `sqs:${action} SweepResetsQueue`),
  ],
};

function variablesOf(name: string): Record<string, unknown> {
  return function_schema.parse(stack.one('AWS::Lambda::Function', name).Properties).Environment.Variables;
}

describe('a function may do what is listed and nothing else', () => {
  test.each(Object.entries(ALLOWED))('%s', (name, allowed) => {
    const own_logs = ['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} ${name}Logs`);
    expect(permissionsOf(stack, `${name}Role`).sort()).toEqual([...allowed, ...own_logs].sort());
  });

  test('no other function exists', () => {
    expect(stack.names('AWS::Lambda::Function')).toEqual(Object.keys(ALLOWED).sort());
  });

  test('no role has another policy', () => {
    for (const [id, { ManagedPolicyArns, Policies }] of stack.all('AWS::IAM::Role')) {
      expect({ id, ManagedPolicyArns, Policies }).toEqual({ id, ManagedPolicyArns: undefined, Policies: undefined });
    }
  });

  test('each function has its own role', () => {
    for (const [id, properties] of stack.all('AWS::Lambda::Function')) {
      expect(referred(function_schema.parse(properties).Role)).toEqual([`${nameOf(id)}Role`]);
    }
  });
});

test('nobody may update or delete in the ledger, or write it other than entry by entry', () => {
  const writes = Object.keys(ALLOWED)
    .flatMap((name) => permissionsOf(stack, `${name}Role`))
    .filter((permission) => / LedgerTable/.test(permission))
    .filter((permission) => !/^dynamodb:(GetItem|Query) /.test(permission));
  expect(new Set(writes)).toEqual(new Set(['dynamodb:PutItem LedgerTable']));
});

test.each(['Sweep', 'Reconciliation'])(
  'the schedule of %s may start the dispatcher and keep what it missed, nothing else',
  (name) => {
    expect(permissionsOf(stack, `${name}ScheduleRole`).sort()).toEqual([
      `lambda:InvokeFunction ${name}Dispatcher`,
      `sqs:SendMessage ${name}Missed`,
    ]);
  },
);

test('no permission has a wildcard', () => {
  const wildcards = stack
    .all('AWS::IAM::Policy')
    .flatMap(([, properties]) => policy_schema.parse(properties).PolicyDocument.Statement)
    .filter((statement) => JSON.stringify(statement).includes('*'));
  expect(wildcards).toEqual([]);
});

describe('a function knows a resource by its variable only where it may use it', () => {
  test.each(Object.keys(ALLOWED))('%s', (name) => {
    const known = referred(variablesOf(name));
    const usable = permissionsOf(stack, `${name}Role`)
      .filter((permission) => /^(dynamodb:|secretsmanager:|sqs:SendMessage)/.test(permission))
      // Lambda sends to the dead-letter queue in the function's name; the function itself does not.
      .filter((permission) => !/^sqs:SendMessage (Sweep|Reconciliation|StripeEventBus)Missed$/.test(permission))
      .map((permission) => permission.replace(/^\S+ ([^/]+).*$/, '$1'));
    expect([...known].sort()).toEqual([...new Set(usable)].sort());
  });
});

test('the variables have the names that the functions read', () => {
  const names = (name: string) => Object.keys(variablesOf(name)).filter((key) => !/^(POWERTOOLS_|STAGE$)/.test(key));
  expect(names('Checkout').sort()).toEqual([
    'ACCOUNTS_TABLE',
    'APP_URL',
    'LEDGER_TABLE',
    'REQUESTS_TABLE',
    'STRIPE_API_KEY_SECRET_ARN',
  ]);
  expect(names('WebhookReceiver').sort()).toEqual(['STRIPE_EVENTS_QUEUE_URL', 'STRIPE_WEBHOOK_SECRETS_SECRET_ARN']);
  expect(names('StripeEventBusIngress')).toEqual(['STRIPE_EVENTS_QUEUE_URL']);
  expect(names('SweepDispatcher')).toEqual(['RESETS_QUEUE_URL']);
  for (const name of Object.keys(ALLOWED)) expect(variablesOf(name).STAGE).toBe('dev');
});
