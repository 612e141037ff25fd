import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { errorFacts, logger, metrics } from '../../shared/observability.ts';
import { applyStripeEvent, type StripeEventParts } from '../../shared/stripe/apply-stripe-event.ts';

/**
 * The handler that applies the events of its messages, one after the other. After a failure the rest of that customer's messages
 * come again with it, in their order; other customers' go on.
 */
export function stripeEventWorker(parts: StripeEventParts) {
  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const request_id = context.awsRequestId;
    const apply = async ({ body, messageId: message_id }: SQSRecord) => {
      try {
        const handled = await applyStripeEvent(JSON.parse(body), parts);
        logger.info('stripe event handled', { request_id, message_id, ...handled });
        metrics.addDimension('outcome', handled.outcome).addMetric('StripeEvents', MetricUnit.Count, 1);
      } catch (error) {
        logger.error('stripe event not handled', { request_id, message_id, ...errorFacts(error) });
        metrics.addDimension('outcome', 'failed').addMetric('StripeEvents', MetricUnit.Count, 1);
        throw error;
      } finally {
        metrics.publishStoredMetrics();
      }
    };
    const processor = new SqsFifoPartialProcessorAsync();
    const options = { context, skipGroupOnError: true, throwOnFullBatchFailure: false };
    return processPartialResponse(event, apply, processor, options);
  };
}
