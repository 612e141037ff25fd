import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { BillingFunction, metricsNamespace } from './billing-function.ts';
import { WorkQueue } from './work-queue.ts';

/** Also the `service` of its metrics. */
const WORKER = 'webhook-worker';

/**
 * The way of Stripe's events: a receiver that verifies and enqueues, a FIFO queue, a worker that
 * applies them.
 */
export class StripeWebhook extends Construct {
  readonly receiver: BillingFunction;
  readonly worker: BillingFunction;
  readonly events: WorkQueue;

  constructor(scope: Construct, id: string, stage: Stage, alarms: Alarms) {
    super(scope, id);
    this.receiver = new BillingFunction(this, 'Receiver', {
      name: 'webhook',
      stage,
      alarms,
    });
    this.worker = new BillingFunction(this, 'Worker', {
      name: WORKER,
      stage,
      alarms,
    });
    // The receiver gives group and deduplication id: the customer, and the event's id.
    this.events = new WorkQueue(this, 'Events', {
      stage,
      alarms,
      variable: variables.stripe_events_queue_url,
      consumer: this.worker,
      fifo: true,
      batch_size: 10,
      max_concurrency: 20,
      meaning: 'A Stripe event could not be applied.',
      runbook: 'stripe-events-dead-letters',
    });
    this.events.grantSend(this.receiver);
    alarms.watch(this.worker, 'Quarantined', {
      // Counted by functions/webhook/event-worker.ts.
      metric: new Metric({
        namespace: metricsNamespace(stage),
        metricName: 'StripeEvents',
        dimensionsMap: { service: WORKER, outcome: 'quarantined' },
        period: Duration.minutes(5),
        statistic: Stats.SUM,
      }),
      threshold: 1,
      meaning: 'A Stripe event could not be placed and changed nothing.',
      runbook: 'quarantined-stripe-events',
    });
  }
}
