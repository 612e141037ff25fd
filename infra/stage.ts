import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';

/** What differs between production and every other stage. */
export interface Stage {
  readonly name: string;
  readonly is_production: boolean;
  /** The stage of the local cloud, which runs the template and never deploys it. */
  readonly is_local: boolean;
  /** Production keeps its data when the stack is deleted. Other stages leave nothing behind. */
  readonly removal_policy: RemovalPolicy;
  readonly log_retention: RetentionDays;
}

export function stageOf(name: string): Stage {
  const is_production = name === 'production';
  return {
    name,
    is_production,
    is_local: name === 'local',
    removal_policy: is_production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    log_retention: is_production ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
  };
}
