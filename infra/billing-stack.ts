import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { HttpRoute } from '../shared/api/route.ts';
import { variables } from '../shared/environment.ts';
import { AccountPartsTable } from './constructs/account-parts-table.ts';
import { AccountsTable } from './constructs/accounts-table.ts';
import { Alarms } from './constructs/alarms.ts';
import { BillingFunction } from './constructs/billing-function.ts';
import { BillingApi } from './constructs/http-api.ts';
import { LedgerTable } from './constructs/ledger-table.ts';
import { Reconciliation } from './constructs/reconciliation.ts';
import { RequestsTable } from './constructs/requests-table.ts';
import { SignIn } from './constructs/sign-in.ts';
import { StripeEventBus } from './constructs/stripe-event-bus.ts';
import { StripeEventsTable } from './constructs/stripe-events-table.ts';
import { StripeSecrets } from './constructs/stripe-secrets.ts';
import { StripeWebhook } from './constructs/stripe-webhook.ts';
import { Sweep } from './constructs/sweep.ts';
import { UsageTable } from './constructs/usage-table.ts';
import type { Settings } from './settings.ts';
import type { Stage } from './stage.ts';

export interface BillingStackProps extends Settings {
  readonly routes: readonly HttpRoute[];
}

/** The whole system: what there is, and which function may use what. */
export class BillingStack extends Stack {
  readonly stage: Stage;
  readonly #alarms: Alarms;
  readonly #accounts: AccountsTable;
  readonly #account_parts: AccountPartsTable;
  readonly #ledger: LedgerTable;
  readonly #stripe_events: StripeEventsTable;
  readonly #usage: UsageTable;
  readonly #requests: RequestsTable;
  readonly #secrets: StripeSecrets;

  constructor(
    scope: Construct,
    id: string,
    { stage, issuer, app_url, stripe_event_source, routes }: BillingStackProps,
  ) {
    super(scope, id, {
      description: 'billing-credits: subscriptions by Stripe, credits kept here',
      terminationProtection: stage.is_production,
    });
    this.stage = stage;
    this.#alarms = new Alarms(this, 'Alarms');
    this.#accounts = new AccountsTable(this, 'Accounts', stage);
    this.#account_parts = new AccountPartsTable(this, 'AccountParts', stage);
    this.#ledger = new LedgerTable(this, 'Ledger', stage);
    this.#stripe_events = new StripeEventsTable(this, 'StripeEvents', stage);
    this.#usage = new UsageTable(this, 'Usage', stage);
    this.#requests = new RequestsTable(this, 'Requests', stage);
    this.#secrets = new StripeSecrets(this, 'Stripe', stage);

    const webhook = this.#stripeWebhook();
    const sweep = this.#sweep();
    const reconciliation = this.#reconciliation(webhook);
    const sign_in = new SignIn(this, 'SignIn', { stage, issuer, app_url });
    const api = new BillingApi(this, 'Http', {
      stage,
      alarms: this.#alarms,
      sign_in,
      routes,
      functions: {
        checkout: this.#checkout(app_url),
        credits: this.#credits(),
        access: this.#access(),
        webhook: webhook.receiver,
        admin: this.#admin(reconciliation),
      },
      app_url,
    });
    this.#output({
      ApiUrl: api.url,
      WebhookUrl: `${api.url}/api/webhooks/stripe`,
      StripeEventsQueueUrl: webhook.events.queue.queueUrl,
      StripeEventsDeadLettersUrl: webhook.events.dead_letters.queueUrl,
      ResetsDeadLettersUrl: sweep.work.dead_letters.queueUrl,
      SweepMissedUrl: sweep.missed.queueUrl,
      ReconciliationDeadLettersUrl: reconciliation.work.dead_letters.queueUrl,
      ReconciliationMissedUrl: reconciliation.missed.queueUrl,
      ...sign_in.outputs,
    });
    if (stripe_event_source !== undefined) this.#stripeEventBus(stripe_event_source, webhook);
  }

  #checkout(app_url: string): BillingFunction {
    const checkout = new BillingFunction(this, 'Checkout', {
      name: 'checkout',
      description: 'Plans, checkout, customer portal, subscription',
      stage: this.stage,
      alarms: this.#alarms,
      // A silent Stripe is a 502 after 12.5 s (two tries of 6 s and a pause), several slow calls are one after 18 s
      // (functions/checkout/patience.ts). With 9 s for a database at its third try that is 27 s, below the 27.75 s at which the
      // function answers 503, and the 30 s after which API Gateway gives up.
      timeout_seconds: 28,
      memory_mb: 1024,
    });
    this.#grantCommit(checkout);
    this.#requests.grantRemember(checkout);
    this.#secrets.grantReadApiKey(checkout);
    checkout.addEnvironment(variables.app_url, app_url);
    return checkout;
  }

  #credits(): BillingFunction {
    const credits = new BillingFunction(this, 'Credits', {
      name: 'credits',
      description: 'Balance, deductions, holds, grants, refunds, the ledger and its verification',
      stage: this.stage,
      alarms: this.#alarms,
      // A verification reads a whole ledger.
      timeout_seconds: 28,
      memory_mb: 1024,
    });
    this.#grantCommit(credits);
    this.#account_parts.grantReadWrite(credits);
    this.#ledger.grantRead(credits);
    this.#usage.grantCount(credits);
    this.#requests.grantRemember(credits);
    return credits;
  }

  #access(): BillingFunction {
    const access = new BillingFunction(this, 'Access', {
      name: 'access',
      description: 'Features of plans, overrides, usage counters',
      stage: this.stage,
      alarms: this.#alarms,
      timeout_seconds: 10,
      memory_mb: 1024,
    });
    this.#grantCommit(access);
    this.#usage.grantCount(access);
    this.#usage.grantRead(access);
    this.#requests.grantRemember(access);
    return access;
  }

  #admin({ work }: Reconciliation): BillingFunction {
    const admin = new BillingFunction(this, 'Admin', {
      name: 'admin',
      description: 'For operators: Stripe events that could not be placed, reconciliation with Stripe',
      stage: this.stage,
      alarms: this.#alarms,
      timeout_seconds: 28,
      memory_mb: 1024,
    });
    this.#grantApplyEvents(admin);
    this.#stripe_events.grantQueryQuarantine(admin);
    this.#requests.grantRemember(admin);
    work.grantSend(admin);
    return admin;
  }

  #stripeWebhook(): StripeWebhook {
    const webhook = new StripeWebhook(this, 'Webhook', this.stage, this.#alarms);
    const { receiver, worker } = webhook;
    this.#secrets.grantReadWebhookSecrets(receiver);
    this.#grantApplyEvents(worker);
    return webhook;
  }

  /** What `applyStripeEvent` of shared/stripe needs. */
  #grantApplyEvents(fn: BillingFunction): void {
    this.#grantCommit(fn);
    this.#account_parts.grantReadWrite(fn);
    this.#accounts.grantQueryStripeCustomer(fn);
    this.#stripe_events.grantMark(fn);
    this.#secrets.grantReadApiKey(fn);
  }

  #stripeEventBus(event_source: string, { events }: StripeWebhook): void {
    const props = { stage: this.stage, alarms: this.#alarms, event_source, events };
    const { missed } = new StripeEventBus(this, 'StripeEventBus', props);
    new CfnOutput(this, 'StripeEventBusMissedUrl', { value: missed.queueUrl });
  }

  #sweep(): Sweep {
    const sweep = new Sweep(this, 'Sweep', this.stage, this.#alarms);
    this.#grantCommit(sweep.worker);
    this.#accounts.grantQueryDue(sweep.worker);
    return sweep;
  }

  #reconciliation({ events }: StripeWebhook): Reconciliation {
    const reconciliation = new Reconciliation(this, 'Reconciliation', this.stage, this.#alarms);
    const { worker } = reconciliation;
    this.#accounts.grantRead(worker);
    this.#accounts.grantQueryStripeCustomer(worker);
    this.#account_parts.grantRead(worker);
    this.#stripe_events.grantCompare(worker);
    this.#secrets.grantReadApiKey(worker);
    events.grantSend(worker);
    return reconciliation;
  }

  /** What `transact` of shared/store needs: the account as it is, its next version, and new entries. */
  #grantCommit(fn: BillingFunction): void {
    this.#accounts.grantReadWrite(fn);
    this.#ledger.grantAppend(fn);
  }

  /** These, and the names of what every stage has. */
  #output(more: Record<string, string>): void {
    const outputs = {
      ...more,
      StripeApiKeySecretArn: this.#secrets.api_key.secretArn,
      StripeWebhookSecretsSecretArn: this.#secrets.webhook_secrets.secretArn,
      AlarmTopicArn: this.#alarms.topic.topicArn,
      AccountsTableName: this.#accounts.table.tableName,
      AccountPartsTableName: this.#account_parts.table.tableName,
      LedgerTableName: this.#ledger.table.tableName,
      StripeEventsTableName: this.#stripe_events.table.tableName,
      UsageTableName: this.#usage.table.tableName,
      RequestsTableName: this.#requests.table.tableName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
