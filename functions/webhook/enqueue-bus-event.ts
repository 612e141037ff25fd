import { logger } from '../../shared/observability.ts';
import * as z from '../../shared/zod.ts';
import { type EventQueue, toEventMessage } from '../event-queue.ts';

/** What Amazon EventBridge wraps around an event of Stripe's. */
const bus_event = z.object({ detail: z.looseObject({ id: z.string() }) });

/**
 * Puts an event that came through Amazon EventBridge on the queue, as the receiver of webhooks does: one that comes both ways is
 * one message. Who may put events on the bus is Stripe alone, so that there is no signature to verify; the worker judges the rest,
 * livemode included. Rejects for what is no event and when the queue does not take it.
 */
export async function enqueueBusEvent(event: unknown, queue: EventQueue): Promise<void> {
  const { detail } = bus_event.parse(event);
  await queue.send(toEventMessage(JSON.stringify(detail)));
  logger.info('stripe event enqueued', { event_id: detail.id });
}
