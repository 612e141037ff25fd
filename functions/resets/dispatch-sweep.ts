import type { SweepQueue } from './sweep-queue.ts';

/** Starts a sweep: one message per due shard. */
export async function dispatchSweep(queue: SweepQueue, due_shards: number): Promise<void> {
  await queue.send(Array.from({ length: due_shards }, (_, shard) => ({ shard, cursor: null })));
}
