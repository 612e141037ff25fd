import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Aws, Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { BillingFunction } from './billing-function.ts';
import { deadLetterQueue, WorkQueue, type WorkQueueProps } from './work-queue.ts';

export interface HourlyWorkProps {
  readonly stage: Stage;
  readonly alarms: Alarms;
  /** The schedule's description. */
  readonly description: string;
  readonly dispatcher: FunctionName;
  readonly worker: FunctionName;
  /** The queue between dispatcher and worker. */
  readonly queue: Omit<WorkQueueProps, 'stage' | 'alarms' | 'consumer'> & { readonly id: string };
  /** What it means, and which section of the runbook helps, if the work did not start. */
  readonly missed: { readonly meaning: string; readonly runbook: string };
}

/**
 * Every hour a dispatcher puts work on a queue. A worker does it, and puts back what it has no time
 * for.
 */
export abstract class HourlyWork extends Construct {
  readonly dispatcher: BillingFunction;
  readonly worker: BillingFunction;
  readonly work: WorkQueue;
  /** Invocations that did not start. */
  readonly missed: IQueue;

  constructor(scope: Construct, id: string, { stage, alarms, queue, ...props }: HourlyWorkProps) {
    super(scope, id);
    this.missed = deadLetterQueue(this, 'Missed', { stage, alarms, ...props.missed });
    this.dispatcher = new BillingFunction(this, 'Dispatcher', {
      name: props.dispatcher,
      stage,
      alarms,
      dead_letters: this.missed,
    });
    this.worker = new BillingFunction(this, 'Worker', { name: props.worker, stage, alarms });
    const { id: queue_id, ...queue_props } = queue;
    this.work = new WorkQueue(this, queue_id, { ...queue_props, stage, alarms, consumer: this.worker });
    this.work.grantSend(this.dispatcher);
    this.work.grantSend(this.worker);
    this.#everyHour(props.description);
  }

  #everyHour(description: string): void {
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const function_arn = this.dispatcher.functionArn;
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [function_arn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.missed.queueArn] }));
    new Schedule(this, 'EveryHour', {
      description,
      schedule: ScheduleExpression.rate(Duration.hours(1)),
      target: new LambdaInvoke(this.dispatcher, {
        // The role is complete; CDK would add every version of the function.
        role: role.withoutPolicyUpdates(),
        deadLetterQueue: this.missed,
        retryAttempts: 5,
        maxEventAge: Duration.hours(1),
      }),
    });
  }
}
