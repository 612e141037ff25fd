import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { errorFacts, logger, metrics } from '../../shared/observability.ts';
import type { Deps } from '../composition.ts';
import { type SweepQueue, sweep_message } from './sweep-queue.ts';
import { sweepShard } from './sweep-shard.ts';

/**
 * Some accounts of a shard could not be swept. The message comes again, and in the end goes to the
 * dead letters.
 */
export class SweepIncomplete extends Error {
  constructor(failed: number) {
    super(`${failed} accounts could not be swept`);
    this.name = 'SweepIncomplete';
  }
}

/** The handler that sweeps the shards of its messages, and tells the queue which of them failed. */
export function sweepWorker(deps: Deps, queue: SweepQueue) {
  async function sweep(body: string, context: Context): Promise<void> {
    const message = sweep_message.parse(JSON.parse(body));
    const { swept, failed, rest } = await sweepShard(deps, message, () => context.getRemainingTimeInMillis());
    logger.info('shard swept', { request_id: context.awsRequestId, shard: message.shard, swept, failed });
    metrics.addMetric('AccountsSwept', MetricUnit.Count, swept).addMetric('AccountsNotSwept', MetricUnit.Count, failed);
    metrics.publishStoredMetrics();
    if (rest !== null) await queue.send([rest]);
    if (failed > 0) throw new SweepIncomplete(failed);
  }

  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const processor = new BatchProcessor(EventType.SQS);
    const handle = async ({ body, messageId: message_id }: SQSRecord) => {
      try {
        await sweep(body, context);
      } catch (error) {
        logger.error('shard not swept', { request_id: context.awsRequestId, message_id, ...errorFacts(error) });
        throw error;
      }
    };
    return processPartialResponse(event, handle, processor, { context, throwOnFullBatchFailure: false });
  };
}
