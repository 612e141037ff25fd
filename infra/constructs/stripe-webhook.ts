import { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { BillingFunction } from './billing-function.ts';
import { WorkQueue } from './work-queue.ts';

/** The way of Stripe's events: a receiver that verifies and enqueues, a FIFO queue, a worker that applies them. */
export class StripeWebhook extends Construct {
  readonly receiver: BillingFunction;
  readonly worker: BillingFunction;

  constructor(scope: Construct, id: string, stage: Stage, alarms: Alarms) {
    super(scope, id);
    this.receiver = new BillingFunction(this, 'Receiver', {
      name: 'webhook-receiver',
      description: 'Verifies the signature of Stripe events and puts them on the queue',
      stage,
      alarms,
      timeout_seconds: 10,
      memory_mb: 1024,
    });
    this.worker = new BillingFunction(this, 'Worker', {
      name: 'webhook-worker',
      description: 'Applies Stripe events to accounts',
      stage,
      alarms,
      timeout_seconds: 60,
      memory_mb: 1024,
    });
    // The group is the customer and the deduplication id the event: both are given by the receiver.
    const events = new WorkQueue(this, 'Events', {
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
    events.grantSend(this.receiver);
  }
}
