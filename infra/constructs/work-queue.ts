import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import type { BillingFunction } from './billing-function.ts';

/** AWS's advice for functions that consume a queue: a message stays hidden for six times the function's time-out. */
const VISIBILITY_PER_TIMEOUT = 6;
const MAX_RECEIVE_COUNT = 5;

export interface DeadLettersProps {
  readonly stage: Stage;
  readonly alarms: Alarms;
  readonly fifo?: boolean;
  /** What it means when something is in it. */
  readonly meaning: string;
  /** Heading of docs/runbook.md. */
  readonly runbook: string;
}

/** A queue of what could not be done in spite of all retries, kept for 14 days, with an alarm when it is not empty. */
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
  /** The environment variable by which senders learn the queue's URL. */
  readonly variable: string;
  /** The function that works the messages off, in batches, and reports the ones that failed. */
  readonly consumer: BillingFunction;
  readonly batch_size: number;
  /** Batches that are worked on at the same time. */
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
      // Groups instead of the whole queue share the limits of FIFO, so that customers do not wait for each other.
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
