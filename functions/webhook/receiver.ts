import billing_config from '#billing-config';
import { readEnvironment } from '../../shared/environment.ts';
import { secretReader } from '../../shared/stripe/secret.ts';
import { openEventQueue } from '../event-queue.ts';
import { clock } from '../process.ts';
import { webhookApi } from './api.ts';

const environment = readEnvironment('stripe_events_queue_url', 'stripe_webhook_secrets_secret_arn');

export const handler = webhookApi({
  clock,
  account_claim: billing_config.accounts.claim,
  users_may_spend: billing_config.spending.by_users,
  read_webhook_secrets: secretReader(environment.stripe_webhook_secrets_secret_arn, clock),
  queue: openEventQueue(environment.stripe_events_queue_url),
});
