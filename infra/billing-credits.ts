import { Construct } from 'constructs';
import type { ApiRoute } from '../shared/api/routes.ts';
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
import type { FunctionName } from './functions.ts';
import type { AppUrls, Settings } from './settings.ts';
import type { Stage } from './stage.ts';

export interface BillingCreditsProps extends Settings {
  /** The API's routes. */
  readonly routes: readonly ApiRoute[];
}

/**
 * The whole system: what there is, and which function may use what. Every resource stands below
 * this construct, in whatever stack a team puts it. The ids below decide the logical ids of the
 * tables: CloudFormation would make a new, empty table for one whose id changes, and leave the old
 * one behind (test/infra/stateful.json).
 */
export class BillingCredits extends Construct {
  /** The URL of the HTTP API, without a slash at its end. */
  readonly api_url: string;
  /** What people and tools need to know of the system, by the name of a stack's output. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly #stage: Stage;
  readonly #alarms: Alarms;
  readonly #accounts: AccountsTable;
  readonly #account_parts: AccountPartsTable;
  readonly #ledger: LedgerTable;
  readonly #stripe_events: StripeEventsTable;
  readonly #usage: UsageTable;
  readonly #requests: RequestsTable;
  readonly #secrets: StripeSecrets;

  constructor(scope: Construct, id: string, props: BillingCreditsProps) {
    super(scope, id);
    const { stage, issuer, app_urls, stripe_event_source, routes } = props;
    this.#stage = stage;
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
    const sign_in = new SignIn(this, 'SignIn', { stage, issuer, app_urls });
    const api = new BillingApi(this, 'Http', {
      stage,
      alarms: this.#alarms,
      sign_in,
      routes,
      functions: {
        checkout: this.#checkout(app_urls),
        credits: this.#credits(),
        access: this.#access(),
        webhook: webhook.receiver,
        admin: this.#admin(reconciliation),
      },
      app_urls,
    });
    this.api_url = api.url;
    this.outputs = {
      ApiUrl: api.url,
      WebhookUrl: `${api.url}/api/webhooks/stripe`,
      ...this.#namesOfResources(),
      ...queueUrls(webhook, sweep, reconciliation),
      ...sign_in.outputs,
      ...(stripe_event_source !== undefined && this.#stripeEventBus(stripe_event_source, webhook)),
    };
  }

  #checkout([app_url]: AppUrls): BillingFunction {
    const checkout = this.#function('Checkout', 'checkout');
    this.#grantCommit(checkout);
    this.#requests.grantRemember(checkout);
    this.#secrets.grantReadApiKey(checkout);
    checkout.addEnvironment(variables.app_url, app_url);
    return checkout;
  }

  #credits(): BillingFunction {
    const credits = this.#function('Credits', 'credits');
    this.#grantCommit(credits);
    this.#account_parts.grantReadWrite(credits);
    this.#ledger.grantRead(credits);
    this.#usage.grantCount(credits);
    this.#requests.grantRemember(credits);
    return credits;
  }

  #access(): BillingFunction {
    const access = this.#function('Access', 'access');
    this.#grantCommit(access);
    this.#usage.grantCount(access);
    this.#usage.grantRead(access);
    this.#requests.grantRemember(access);
    return access;
  }

  #admin({ work }: Reconciliation): BillingFunction {
    const admin = this.#function('Admin', 'admin');
    this.#grantApplyEvents(admin);
    this.#stripe_events.grantQueryQuarantine(admin);
    this.#requests.grantRemember(admin);
    work.grantSend(admin);
    return admin;
  }

  #function(id: string, name: FunctionName): BillingFunction {
    return new BillingFunction(this, id, { name, stage: this.#stage, alarms: this.#alarms });
  }

  #stripeWebhook(): StripeWebhook {
    const webhook = new StripeWebhook(this, 'Webhook', this.#stage, this.#alarms);
    const { receiver, worker } = webhook;
    this.#secrets.grantReadWebhookSecrets(receiver);
    this.#grantApplyEvents(worker);
    return webhook;
  }

  /** Grants what `applyStripeEvent` of shared/stripe needs. */
  #grantApplyEvents(fn: BillingFunction): void {
    this.#grantCommit(fn);
    this.#account_parts.grantReadWrite(fn);
    this.#accounts.grantQueryStripeCustomer(fn);
    this.#stripe_events.grantMark(fn);
    this.#secrets.grantReadApiKey(fn);
  }

  /** Adds the second way in for Stripe's events. Answers its outputs. */
  #stripeEventBus(event_source: string, { events }: StripeWebhook): Record<string, string> {
    const props = { stage: this.#stage, alarms: this.#alarms, event_source, events };
    const { missed } = new StripeEventBus(this, 'StripeEventBus', props);
    return { StripeEventBusMissedUrl: missed.queueUrl };
  }

  #sweep(): Sweep {
    const sweep = new Sweep(this, 'Sweep', this.#stage, this.#alarms);
    this.#grantCommit(sweep.worker);
    this.#accounts.grantQueryDue(sweep.worker);
    return sweep;
  }

  #reconciliation({ events }: StripeWebhook): Reconciliation {
    const reconciliation = new Reconciliation(this, 'Reconciliation', this.#stage, this.#alarms);
    const { worker } = reconciliation;
    this.#accounts.grantRead(worker);
    this.#accounts.grantQueryStripeCustomer(worker);
    this.#account_parts.grantRead(worker);
    this.#stripe_events.grantCompare(worker);
    this.#secrets.grantReadApiKey(worker);
    events.grantSend(worker);
    return reconciliation;
  }

  /**
   * Grants what `transact` of shared/store needs: reading an account, committing its next version,
   * and adding entries.
   */
  #grantCommit(fn: BillingFunction): void {
    this.#accounts.grantReadWrite(fn);
    this.#ledger.grantAppend(fn);
  }

  /** Outputs that name tables, secrets and the alarms' topic. */
  #namesOfResources(): Record<string, string> {
    return {
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
  }
}

/** Outputs that name the queue of events, and the queues at which somebody looks after an alarm. */
function queueUrls(webhook: StripeWebhook, sweep: Sweep, reconciliation: Reconciliation): Record<string, string> {
  return {
    StripeEventsQueueUrl: webhook.events.queue.queueUrl,
    StripeEventsDeadLettersUrl: webhook.events.dead_letters.queueUrl,
    ResetsDeadLettersUrl: sweep.work.dead_letters.queueUrl,
    SweepMissedUrl: sweep.missed.queueUrl,
    ReconciliationDeadLettersUrl: reconciliation.work.dead_letters.queueUrl,
    ReconciliationMissedUrl: reconciliation.missed.queueUrl,
  };
}
