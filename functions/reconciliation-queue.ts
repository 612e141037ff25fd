import { drift } from '../shared/store/reconciliation.ts';
import { stripe_lists } from '../shared/stripe/stripe-list.ts';
import * as z from '../shared/zod.ts';
import { openQueue } from './open-queue.ts';

/** A run that begins: of what is due by now, or of everything. */
export const begin_message = z.strictObject({
  kind: z.literal('begin'),
  run_id: z.string(),
  scope: z.enum(['due', 'all']),
});
export type BeginMessage = z.output<typeof begin_message>;

/** A run that goes on: what is left to read, and what was found so far. */
export const go_on_message = z.strictObject({
  kind: z.literal('go_on'),
  run_id: z.string(),
  started_at: z.int(),
  lists: z.array(z.strictObject({ list: z.enum(stripe_lists), since: z.int(), after: z.nullable(z.string()) })),
  compares: z.boolean(),
  pages: z.int(),
  found: z.strictObject({
    events_listed: z.int(),
    events_missed: z.int(),
    objects_compared: z.int(),
    objects_not_compared: z.int(),
    objects_drifted: z.int(),
    drift: z.array(drift),
  }),
});
export type GoOnMessage = z.output<typeof go_on_message>;

export const reconciliation_message = z.discriminatedUnion('kind', [begin_message, go_on_message]);
export type ReconciliationMessage = z.output<typeof reconciliation_message>;

export interface ReconciliationQueue {
  /** Rejects if the queue did not take the message. */
  send(message: ReconciliationMessage): Promise<void>;
}

/**
 * All runs have one group, so one message is worked on at a time, and two runs never share Stripe's
 * limit.
 */
const group = 'reconciliation';

export function openReconciliationQueue(queue_url: string): ReconciliationQueue {
  const queue = openQueue(queue_url);
  return {
    send: (message) => {
      const step = message.kind === 'begin' ? 'begin' : message.pages;
      return queue.send(JSON.stringify(message), {
        group_id: group,
        deduplication_id: `${message.run_id}-${step}`,
      });
    },
  };
}
