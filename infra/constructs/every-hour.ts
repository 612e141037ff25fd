import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Aws, Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { BillingFunction } from './billing-function.ts';

export interface EveryHourProps {
  readonly description: string;
  readonly starts: BillingFunction;
  /** Takes the calls that did not reach the function. */
  readonly missed: IQueue;
}

/** Calls a function every hour. */
export function everyHour(scope: Construct, { description, starts, missed }: EveryHourProps): void {
  const role = new Role(scope, 'ScheduleRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [starts.functionArn] }));
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [missed.queueArn] }));
  new Schedule(scope, 'EveryHour', {
    description,
    schedule: ScheduleExpression.rate(Duration.hours(1)),
    target: new LambdaInvoke(starts, {
      // The role is complete: CDK would add every version of the function.
      role: role.withoutPolicyUpdates(),
      deadLetterQueue: missed,
      retryAttempts: 5,
      maxEventAge: Duration.hours(1),
    }),
  });
}
