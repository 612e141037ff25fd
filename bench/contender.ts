import * as z from 'zod';
import type { Milliseconds } from '../shared/domain/units.ts';
import { ended, nextMessage, startChild } from './child.ts';

export const contention_schema = z.object({
  commits: z.int(),
  /** Deductions that were answered while the time ran; the last one may come later. */
  commits_in_time: z.int(),
  transactions: z.int(),
});

/** The result of one contender. */
export type Contention = z.infer<typeof contention_schema>;

export interface Contender {
  /** Deducts one credit after the other for this long. */
  deductFor(time_ms: Milliseconds): Promise<Contention>;
  stop(): Promise<void>;
}

/** A process of its own that deducts from the account. */
export async function startContender(account_id: string): Promise<Contender> {
  const child = startChild('contender-process.ts', [account_id]);
  await nextMessage(child, z.literal('ready'));
  return {
    deductFor(time_ms) {
      child.send(time_ms);
      return nextMessage(child, contention_schema);
    },
    async stop() {
      child.disconnect();
      await ended(child);
    },
  };
}
