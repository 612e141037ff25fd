/**
 * Works on some items at a time, and answers in the items' order. Each runner takes the next item,
 * so a slow one holds nobody up. Rejects with the first failure.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const run = async () => {
    for (const [place, item] of left) results[place] = await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, run));
  return results;
}
