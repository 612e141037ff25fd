import billing_config from '#billing-config';
import { readEnvironment } from '../../shared/environment.ts';
import { logger } from '../../shared/observability.ts';
import { dispatchSweep } from './dispatch-sweep.ts';
import { openSweepQueue } from './sweep-queue.ts';

const queue = openSweepQueue(readEnvironment('resets_queue_url').resets_queue_url);
const { due_shards } = billing_config.sweep;

export async function handler(): Promise<void> {
  await dispatchSweep(queue, due_shards);
  logger.info('sweep started', { due_shards });
}
