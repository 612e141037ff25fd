import { randomBytes } from 'node:crypto';
import type { VirtualClock } from './clock.ts';
import { EventSource } from './event-source.ts';
import { FunctionRunner } from './function-runner.ts';
import { Queue } from './queue.ts';
import { Schedules } from './schedules.ts';
import type { FunctionSpec, System } from './system.ts';
import { region, TemplateNotSupported } from './template.ts';

export interface DeploymentOptions {
  system: System;
  /** Folder of each asset by `Code.S3Key`. */
  asset_dirs: Record<string, string>;
  clock: VirtualClock;
  /** The endpoint of the services that functions call. */
  aws_url: string;
  /** Variables that every function gets beside the template's. */
  environment: Readonly<Record<string, string>>;
  /** Takes the functions' own output, line by line. */
  log: (line: string) => void;
  /** Takes what went wrong in a function. */
  warn: (line: string) => void;
}

/** What the template deploys, running: functions, queues with their consumers, schedules. */
export interface Deployment {
  /** By ARN. */
  runners: ReadonlyMap<string, FunctionRunner>;
  /** By URL, dead-letter queues included. */
  queues: ReadonlyMap<string, Queue>;
  /** The queues that a function consumes. */
  consumed_queues: Queue[];
  schedules: Schedules;
  /** Resolves when no function is loading any more; one that does not load warns. */
  loaded: Promise<unknown>;
  /** How many invocations have ended. */
  endedInvocations(): number;
  close(): Promise<void>;
}

export function deploy(options: DeploymentOptions): Deployment {
  const { system, clock } = options;
  const runners = new Map(system.functions.map((spec) => [spec.arn, createRunner(spec, options)]));
  const queues = new Map(system.queues.map((spec) => [spec.arn, new Queue(spec, clock)]));
  for (const queue of queues.values()) {
    const dead_letters = queues.get(queue.spec.redrive?.dead_letter_arn ?? '');
    if (dead_letters !== undefined) queue.dead_letters = dead_letters;
  }
  const consumed_queues = system.event_sources.map((source) => {
    const queue = queues.get(source.queue_arn);
    const spec = system.functions.find(({ name, arn }) => source.function === name || source.function === arn);
    const runner = runners.get(spec?.arn ?? '');
    if (queue === undefined || runner === undefined) {
      throw new TemplateNotSupported(`an event source from ${source.queue_arn} to ${source.function}`);
    }
    new EventSource(source, queue, runner);
    return queue;
  });
  const schedules = new Schedules(system.schedules, clock, async (arn, input) => {
    const queue = queues.get(arn);
    if (queue !== undefined) queue.send({ body: JSON.stringify(input) });
    else await runners.get(arn)?.invoke(input);
  });
  const loaded = Promise.allSettled([...runners.values()].map((runner) => runner.warmUp()));
  return {
    runners,
    queues: new Map([...queues.values()].map((queue) => [queue.spec.url, queue])),
    consumed_queues,
    schedules,
    loaded,
    endedInvocations: () => [...runners.values()].reduce((sum, { ended }) => sum + ended, 0),
    close: async () => {
      for (const queue of queues.values()) queue.close();
      await Promise.all([...runners.values()].map((runner) => runner.close()));
    },
  };
}

function createRunner(spec: FunctionSpec, options: DeploymentOptions): FunctionRunner {
  const { asset_dirs, clock, log, warn } = options;
  const code_dir = asset_dirs[spec.code_key];
  if (code_dir === undefined) throw new TemplateNotSupported(`code of ${spec.id} that is not an asset`);
  return new FunctionRunner({
    function: spec,
    code_dir,
    environment: runtimeVariables(spec, options),
    clock,
    log,
    warn,
  });
}

/**
 * What Lambda's runtime adds to a function's variables, and where its SDKs find this machine's
 * services.
 */
function runtimeVariables(spec: FunctionSpec, { aws_url, environment }: DeploymentOptions): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // In every call, as on AWS: there it stands for the role, here for the function.
    AWS_SESSION_TOKEN: spec.name,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memory_mb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    _HANDLER: spec.handler,
    TZ: ':UTC',
    AWS_ENDPOINT_URL_DYNAMODB: aws_url,
    AWS_ENDPOINT_URL_SQS: aws_url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws_url,
    ...environment,
  };
}

/**
 * Values of the template's secrets by ARN: `known` are by the variable under which functions know
 * the secret; what is not known is random, as CloudFormation would generate it.
 */
export function secretValues(system: System, known: Record<string, string>): Map<string, string> {
  const values = new Map(system.secrets.map(({ arn }) => [arn, randomBytes(24).toString('base64url')]));
  for (const { environment } of system.functions) {
    for (const [variable, value] of Object.entries(known)) {
      const arn = environment[variable];
      if (arn !== undefined && values.has(arn)) values.set(arn, value);
    }
  }
  return values;
}
