import type { Construct } from 'constructs';
import { variables } from '../../shared/environment.ts';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { HourlyWork } from './hourly-work.ts';

/**
 * Every hour: a dispatcher sends one message per due shard, and workers roll the shards' due
 * accounts forward.
 */
export class Sweep extends HourlyWork {
  constructor(scope: Construct, id: string, stage: Stage, alarms: Alarms) {
    super(scope, id, {
      stage,
      alarms,
      description: 'Starts the sweep of due accounts',
      dispatcher: 'resets-dispatcher',
      worker: 'resets-worker',
      queue: {
        id: 'Resets',
        variable: variables.resets_queue_url,
        // A shard may need all of an invocation's time.
        batch_size: 1,
        max_concurrency: 16,
        meaning: 'A shard of due accounts could not be swept.',
        runbook: 'resets-dead-letters',
      },
      missed: {
        meaning: 'An hourly sweep did not start. Balances are right all the same; the next sweep makes up for it.',
        runbook: 'sweep-missed',
      },
    });
  }
}
