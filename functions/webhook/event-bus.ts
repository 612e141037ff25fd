import { readEnvironment } from '../../shared/environment.ts';
import { openEventQueue } from '../event-queue.ts';
import { enqueueBusEvent } from './enqueue-bus-event.ts';

const queue = openEventQueue(readEnvironment('stripe_events_queue_url').stripe_events_queue_url);

export const handler = (event: unknown): Promise<void> => enqueueBusEvent(event, queue);
