import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { metricsNamespace } from './billing-function.ts';
import { HourlyWork } from './hourly-work.ts';

/** Also the `service` of its metrics. */
const WORKER = 'reconciliation-worker';

/** Every hour: hands the worker of Stripe's events what Stripe has and the accounts do not know. */
export class Reconciliation extends HourlyWork {
  constructor(scope: Construct, id: string, stage: Stage, alarms: Alarms) {
    super(scope, id, {
      stage,
      alarms,
      description: 'Starts the reconciliation with Stripe',
      dispatcher: 'reconciliation-dispatcher',
      worker: WORKER,
      queue: {
        id: 'Runs',
        variable: variables.reconciliation_queue_url,
        fifo: true,
        batch_size: 1,
        // The least that SQS takes. All messages have one group, so there is one run at a time.
        max_concurrency: 2,
        meaning: 'A reconciliation with Stripe could not be made.',
        runbook: 'reconciliation-dead-letters',
      },
      missed: {
        meaning: 'An hourly reconciliation with Stripe did not start. The next one makes up for it.',
        runbook: 'reconciliation-missed',
      },
    });
    alarms.watch(this.worker, 'Drift', {
      // Counted by functions/reconciliation/reconciliation-worker.ts.
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
