import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import type { BillingFunction } from './billing-function.ts';

/**
 * AWS's advice for functions that consume a queue: a message stays hidden for six times the
 * function's time-out.
 */
const VISIBILITY_PER_TIMEOUT = 6;
const MAX_RECEIVE_COUNT = 5;

export interface DeadLettersProps {
  readonly stage: Stage;
  readonly alarms: Alarms;
  readonly fifo?: boolean;
  /** What a message in this queue means, in one sentence. */
  readonly meaning: string;
  /** The heading of docs/runbook.md that says what to do. */
  readonly runbook: string;
}

/**
 * A queue for what failed in spite of all retries. It keeps messages for 14 days, and an alarm
 * rings while it is not empty.
 */
export function deadLetterQueue(scope: Construct, id: string, props: DeadLettersProps): Queue {
  const queue = new Queue(scope, id, {
    ...(props.fifo && { fifo: true }),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: props.stage.removal_policy,
  });
  props.alarms.watch(queue, 'NotEmpty', {
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' }),
    threshold: 1,
    meaning: props.meaning,
    runbook: props.runbook,
  });
  return queue;
}

export interface WorkQueueProps extends DeadLettersProps {
  /** The environment variable that tells senders the queue's URL. */
  readonly variable: string;
  /** The function that works through the messages in batches, and reports those that failed. */
  readonly consumer: BillingFunction;
  readonly batch_size: number;
  /** How many batches are worked on at the same time. */
  readonly max_concurrency: number;
}

/** A queue with its consumer and its dead letters. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly dead_letters: Queue;
  readonly #variable: string;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.#variable = props.variable;
    const timeout = props.consumer.timeout ?? Duration.seconds(3);
    this.dead_letters = deadLetterQueue(this, 'DeadLetters', props);
    this.queue = new Queue(this, 'Queue', {
      // The limits of FIFO count per group, not per queue, so that customers do not wait for each
      // other.
      ...(props.fifo && {
        fifo: true,
        deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
        fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      }),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(timeout.toSeconds() * VISIBILITY_PER_TIMEOUT),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.dead_letters, maxReceiveCount: MAX_RECEIVE_COUNT },
      removalPolicy: props.stage.removal_policy,
    });
    props.consumer.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: props.batch_size,
        maxConcurrency: props.max_concurrency,
        reportBatchItemFailures: true,
      }),
    );
  }

  /** Puts messages on the queue. */
  grantSend(fn: BillingFunction): void {
    fn.addEnvironment(this.#variable, this.queue.queueUrl);
    fn.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
  }
}
