import { due_cursor } from '../../shared/store/due-accounts.ts';
import * as z from '../../shared/zod.ts';
import { openQueue } from '../open-queue.ts';

/** A shard of due accounts to sweep, from the cursor on. */
export const sweep_message = z.strictObject({ shard: z.int().check(z.minimum(0)), cursor: z.nullable(due_cursor) });
export type SweepMessage = z.output<typeof sweep_message>;

export interface SweepQueue {
  /**
   * Puts all messages on the queue, or rejects. After a rejection some may be on it; to sweep a
   * shard twice does no harm.
   */
  send(messages: readonly SweepMessage[]): Promise<void>;
}

export function openSweepQueue(queue_url: string): SweepQueue {
  const queue = openQueue(queue_url);
  return { send: (messages) => queue.sendAll(messages.map((message) => JSON.stringify(message))) };
}
