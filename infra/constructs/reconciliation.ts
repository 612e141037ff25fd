import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { BillingFunction, metricsNamespace } from './billing-function.ts';
import { everyHour } from './every-hour.ts';
import { deadLetterQueue, WorkQueue } from './work-queue.ts';

/** Its name is also the `service` of its metrics. */
const WORKER = 'reconciliation-worker';

/** Every hour: what Stripe has and the accounts do not know is handed to the worker of Stripe's events. */
export class Reconciliation extends Construct {
  readonly dispatcher: BillingFunction;
  readonly worker: BillingFunction;
  readonly runs: WorkQueue;
  /** Runs that did not start. */
  readonly missed: IQueue;

  constructor(scope: Construct, id: string, stage: Stage, alarms: Alarms) {
    super(scope, id);
    this.missed = deadLetterQueue(this, 'Missed', {
      stage,
      alarms,
      meaning: 'An hourly reconciliation with Stripe did not start. The next one makes up for it.',
      runbook: 'reconciliation-missed',
    });
    this.dispatcher = new BillingFunction(this, 'Dispatcher', {
      name: 'reconciliation-dispatcher',
      description: 'Starts a reconciliation with Stripe',
      stage,
      alarms,
      timeout_seconds: 30,
      memory_mb: 512,
      dead_letters: this.missed,
    });
    this.worker = new BillingFunction(this, 'Worker', {
      name: WORKER,
      description: 'Looks for what Stripe has and the accounts do not know',
      stage,
      alarms,
      // Several of the pages that functions/reconciliation/run-reconciliation.ts reads; the rest goes into another message.
      timeout_seconds: 300,
      memory_mb: 1024,
    });
    this.runs = new WorkQueue(this, 'Runs', {
      stage,
      alarms,
      variable: variables.reconciliation_queue_url,
      consumer: this.worker,
      fifo: true,
      batch_size: 1,
      // The least that SQS takes. All messages are of one group: there is one run at a time.
      max_concurrency: 2,
      meaning: 'A reconciliation with Stripe could not be made.',
      runbook: 'reconciliation-dead-letters',
    });
    this.runs.grantSend(this.dispatcher);
    this.runs.grantSend(this.worker);
    everyHour(this, {
      description: 'Starts the reconciliation with Stripe',
      starts: this.dispatcher,
      missed: this.missed,
    });
    alarms.watch(this.worker, 'Drift', {
      // What functions/reconciliation/reconciliation-worker.ts counts.
      metric: new Metric({
        namespace: metricsNamespace(stage),
        metricName: 'StripeDrift',
        dimensionsMap: { service: WORKER },
        period: Duration.minutes(5),
        statistic: Stats.SUM,
      }),
      threshold: 1,
      meaning: 'Stripe had subscriptions or payments that their accounts did not know.',
      runbook: 'stripe-drift',
    });
  }
}
