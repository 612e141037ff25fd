import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Milliseconds } from '../../shared/domain/units.ts';
import { errorFacts, logger, metrics } from '../../shared/observability.ts';
import { applyStripeEvent, type StripeEventDeps } from '../../shared/stripe/apply-stripe-event.ts';
import { paging_time } from '../../shared/stripe/gateway.ts';

/**
 * The most time that one event takes: three calls to Stripe of 12.5 s (the last lines of its
 * invoice, its subscription, the one that the account holds), the time before them in which the
 * other lines are read, and 20 s for a slow database. The usual event takes some milliseconds.
 */
const event_budget_ms: Milliseconds = 57_500 + paging_time;

/** Too little time is left for one more event. The message comes again. */
export class NoTimeLeft extends Error {
  constructor() {
    super('too little time is left for one more event; the message comes again');
    this.name = 'NoTimeLeft';
  }
}

/**
 * The handler that applies the events of its messages, one after the other. If one fails, the rest
 * of that customer's messages come again with it, in their order; other customers' go on. Messages
 * for which no time is left come again too: if the invocation ran out of time, all of its messages
 * would come again.
 */
export function stripeEventWorker(deps: StripeEventDeps) {
  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const request_id = context.awsRequestId;
    const apply = async ({ body, messageId: message_id }: SQSRecord) => {
      try {
        if (context.getRemainingTimeInMillis() < event_budget_ms) throw new NoTimeLeft();
        const handled = await applyStripeEvent(JSON.parse(body), deps);
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
