import type { Context } from 'aws-lambda';
import { readEnvironment } from '../../shared/environment.ts';
import { logger } from '../../shared/observability.ts';
import { openReconciliationQueue } from '../reconciliation-queue.ts';

const queue = openReconciliationQueue(readEnvironment('reconciliation_queue_url').reconciliation_queue_url);

export async function handler(_event: unknown, { awsRequestId: run_id }: Context): Promise<void> {
  await queue.send({ kind: 'begin', run_id, scope: 'due' });
  logger.info('reconciliation started', { run_id });
}
