import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { AssetHashType, DockerImage, Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import { FUNCTIONS_FOLDER, writeFunctionBundle } from '../function-bundles.ts';
import { type FunctionName, functions } from '../functions.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';

export interface BillingFunctionProps {
  readonly name: FunctionName;
  readonly stage: Stage;
  readonly alarms: Alarms;
  /** Gets the events of asynchronous invocations that failed. */
  readonly dead_letters?: IQueue;
}

/**
 * A function of `functions.ts` with the defaults of this system: Node 24 on ARM, its bundle, JSON
 * logs in its own group, an alarm on errors, and a role that may write to that log group and
 * nothing else. The grants of other constructs give it more, each with the environment variable
 * that goes with the permission.
 */
export class BillingFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: BillingFunctionProps) {
    const { name, stage } = props;
    const { description, timeout_seconds, memory_mb } = functions[name];
    const log_group = new LogGroup(scope, `${id}Logs`, {
      retention: stage.log_retention,
      removalPolicy: stage.removal_policy,
    });
    // The role that CDK would make has a managed policy on every log group of the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    super(scope, id, {
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(name),
      role,
      memorySize: memory_mb,
      timeout: Duration.seconds(timeout_seconds),
      logGroup: log_group,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: {
        [variables.stage]: stage.name,
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(stage),
      },
      ...(props.dead_letters && { deadLetterQueue: props.dead_letters }),
    });
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [log_group.logGroupArn],
      }),
    );
    props.alarms.watch(this, 'Errors', {
      metric: this.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 1,
      meaning: `The function ${name} failed or ran out of time.`,
      runbook: 'function-errors',
    });
  }
}

/** Where the functions of a stage write their metrics: several stages can share an AWS account. */
export function metricsNamespace(stage: Stage): string {
  return `BillingCredits/${stage.name}`;
}

/** The bundle as an asset: built only when CDK asks for it, hashed by its content. */
function bundledCode(name: FunctionName): Code {
  return Code.fromAsset(FUNCTIONS_FOLDER, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never used, because the local bundling succeeds or throws. But CDK takes two assets with
      // the same options for one.
      image: DockerImage.fromRegistry('unused'),
      command: [name],
      local: {
        tryBundle(directory) {
          writeFunctionBundle(name, directory);
          return true;
        },
      },
    },
  });
}
