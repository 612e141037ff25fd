import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { BillingFunction } from './billing-function.ts';
import { everyHour } from './every-hour.ts';
import { deadLetterQueue, WorkQueue } from './work-queue.ts';

/** Every hour: a dispatcher sends one message per due shard, workers roll the due accounts of a shard forward. */
export class Sweep extends Construct {
  readonly dispatcher: BillingFunction;
  readonly worker: BillingFunction;
  readonly resets: WorkQueue;
  /** Sweeps that did not start. */
  readonly missed: IQueue;

  constructor(scope: Construct, id: string, stage: Stage, alarms: Alarms) {
    super(scope, id);
    this.missed = deadLetterQueue(this, 'Missed', {
      stage,
      alarms,
      meaning: 'An hourly sweep did not start. Balances are right all the same; the next sweep makes up for it.',
      runbook: 'sweep-missed',
    });
    this.dispatcher = new BillingFunction(this, 'Dispatcher', {
      name: 'resets-dispatcher',
      description: 'Starts a sweep: one message per due shard',
      stage,
      alarms,
      timeout_seconds: 30,
      memory_mb: 512,
      dead_letters: this.missed,
    });
    this.worker = new BillingFunction(this, 'Worker', {
      name: 'resets-worker',
      description: 'Rolls the accounts forward for which something falls due',
      stage,
      alarms,
      timeout_seconds: 120,
      memory_mb: 1024,
    });
    this.resets = new WorkQueue(this, 'Resets', {
      stage,
      alarms,
      variable: variables.resets_queue_url,
      consumer: this.worker,
      // A shard may need all the time that an invocation has.
      batch_size: 1,
      max_concurrency: 16,
      meaning: 'A shard of due accounts could not be swept.',
      runbook: 'resets-dead-letters',
    });
    this.resets.grantSend(this.dispatcher);
    this.resets.grantSend(this.worker);
    everyHour(this, {
      description: 'Starts the sweep of due accounts',
      starts: this.dispatcher,
      missed: this.missed,
    });
  }
}
