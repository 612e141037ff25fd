import { logger } from '../../shared/observability.ts';
import * as z from '../../shared/zod.ts';
import { type EventQueue, toEventMessage } from '../event-queue.ts';

/** The wrapper that Amazon EventBridge puts around an event of Stripe. */
const bus_event = z.object({ detail: z.looseObject({ id: z.string() }) });

/**
 * Puts an event from Amazon EventBridge on the queue, as the receiver of webhooks does; an event
 * that comes both ways is one message. Only Stripe can put events on the bus, so there is no
 * signature to verify. The worker judges the rest, livemode included. Rejects if this is no event,
 * or if the queue does not take it.
 */
export async function enqueueBusEvent(event: unknown, queue: EventQueue): Promise<void> {
  const { detail } = bus_event.parse(event);
  await queue.send(toEventMessage(JSON.stringify(detail)));
  logger.info('stripe event enqueued', { event_id: detail.id });
}
