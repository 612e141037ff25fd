import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Milliseconds } from '../../shared/domain/units.ts';
import { errorFacts, logger, metrics } from '../../shared/observability.ts';
import { applyStripeEvent, type StripeEventParts } from '../../shared/stripe/apply-stripe-event.ts';
import { paging_time } from '../../shared/stripe/gateway.ts';

/**
 * What one event costs at worst: three calls to Stripe of 12.5 s (the last lines of its invoice, its subscription, the one that the
 * account holds), before them the time in which the other lines are read, and 20 s for a database that answers late. The usual one
 * takes some milliseconds.
 */
const event_budget_ms: Milliseconds = 57_500 + paging_time;

/** The time that is left does not suffice for one more event. The message comes again. */
export class NoTimeLeft extends Error {
  constructor() {
    super('the time that is left does not suffice for one more event');
    this.name = 'NoTimeLeft';
  }
}

/**
 * The handler that applies the events of its messages, one after the other. After a failure the rest of that customer's messages
 * come again with it, in their order; other customers' go on. Those for which no time is left come again, too: an invocation that
 * runs out of time would have all of its messages come again.
 */
export function stripeEventWorker(parts: StripeEventParts) {
  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const request_id = context.awsRequestId;
    const apply = async ({ body, messageId: message_id }: SQSRecord) => {
      try {
        if (context.getRemainingTimeInMillis() < event_budget_ms) throw new NoTimeLeft();
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
