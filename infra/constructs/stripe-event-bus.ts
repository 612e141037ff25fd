import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { BillingFunction } from './billing-function.ts';
import { deadLetterQueue, type WorkQueue } from './work-queue.ts';

export interface StripeEventBusProps {
  readonly stage: Stage;
  readonly alarms: Alarms;
  /**
   * The name of the partner event source that Stripe made in this account and region:
   * aws.partner/stripe.com/…
   */
  readonly event_source: string;
  /** The queue on which the webhook's receiver puts events, too. */
  readonly events: WorkQueue;
}

/**
 * A second way in for Stripe's events: through Amazon EventBridge onto the webhook's queue. A
 * function stands between, because a rule can give the queue neither the event's id for
 * deduplication nor the group of an event without a customer.
 */
export class StripeEventBus extends Construct {
  readonly ingress: BillingFunction;
  /** Events that did not get onto the queue. */
  readonly missed: Queue;

  constructor(scope: Construct, id: string, { stage, alarms, event_source, events }: StripeEventBusProps) {
    super(scope, id);
    this.missed = deadLetterQueue(this, 'Missed', {
      stage,
      alarms,
      meaning: 'A Stripe event that EventBridge brought did not get onto the queue.',
      runbook: 'stripe-event-bus-missed',
    });
    this.ingress = new BillingFunction(this, 'Ingress', {
      name: 'webhook-event-bus',
      stage,
      alarms,
      dead_letters: this.missed,
    });
    events.grantSend(this.ingress);
    new Rule(this, 'Rule', {
      description: "Stripe's events",
      eventBus: new EventBus(this, 'Bus', { eventSourceName: event_source }),
      eventPattern: { source: [event_source] },
      targets: [new LambdaFunction(this.ingress, { deadLetterQueue: this.missed })],
    });
  }
}
