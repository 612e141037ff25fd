import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Aws, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

export interface AlarmOptions {
  readonly metric: IMetric;
  /** The alarm rings when the metric reaches this value in one period. */
  readonly threshold: number;
  /** What is wrong, in one sentence. */
  readonly meaning: string;
  /** The heading of docs/runbook.md that says what to do. */
  readonly runbook: string;
}

/**
 * The topic to which everybody on call subscribes, and the one way to make an alarm that rings
 * there.
 */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    });
    // CloudWatch cannot publish to a topic that is encrypted with the account's default SNS key, so
    // the topic has a key of its own.
    const key = new Key(this, 'Key', {
      description: 'Encrypts the alarms of billing-credits on their way',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.grantEncryptDecrypt(alarms);
    this.topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    this.topic.grantPublish(alarms);
  }

  /** Adds an alarm beside the resource that it watches. */
  watch(resource: Construct, id: string, { metric, threshold, meaning, runbook }: AlarmOptions): void {
    new Alarm(resource, id, {
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${meaning} What to do: docs/runbook.md#${runbook}`,
    }).addAlarmAction(new SnsAction(this.topic));
  }
}
