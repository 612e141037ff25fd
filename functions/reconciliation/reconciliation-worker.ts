import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { errorFacts, logger, metrics } from '../../shared/observability.ts';
import { type ReconciliationQueue, reconciliation_message } from '../reconciliation-queue.ts';
import { type ReconciliationDeps, runReconciliation } from './run-reconciliation.ts';

/**
 * The handler that makes the runs of its messages, and hands on what it cannot finish in its time.
 */
export function reconciliationWorker(deps: ReconciliationDeps, queue: ReconciliationQueue) {
  async function run(body: string, context: Context): Promise<void> {
    const message = reconciliation_message.parse(JSON.parse(body));
    const outcome = await runReconciliation(deps, message, () => context.getRemainingTimeInMillis());
    if (outcome.kind === 'unfinished') return queue.send(outcome.rest);
    const { drift: _, ...report } = outcome.report;
    logger.info('reconciliation ended', { request_id: context.awsRequestId, ...report });
    metrics
      .addMetric('StripeEventsMissed', MetricUnit.Count, report.events_missed)
      .addMetric('StripeDrift', MetricUnit.Count, report.objects_drifted);
    metrics.publishStoredMetrics();
  }

  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const handle = async ({ body, messageId: message_id }: SQSRecord) => {
      try {
        await run(body, context);
      } catch (error) {
        logger.error('reconciliation failed', { request_id: context.awsRequestId, message_id, ...errorFacts(error) });
        throw error;
      }
    };
    const options = { context, throwOnFullBatchFailure: false };
    return processPartialResponse(event, handle, new SqsFifoPartialProcessorAsync(), options);
  };
}
