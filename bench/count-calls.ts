import type { Database } from '../shared/store/database.ts';

/**
 * Counts calls to the database from now on, by the operation's name, the SDK's own retries
 * included.
 */
export function countCalls({ client }: Database): Map<string, number> {
  const calls = new Map<string, number>();
  client.middlewareStack.add(
    (next, { commandName: name = 'unnamed' }) =>
      (args) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return next(args);
      },
    { step: 'deserialize', name: 'countCalls' },
  );
  return calls;
}

export function sumOf(calls: ReadonlyMap<string, number>): number {
  return [...calls.values()].reduce((sum, count) => sum + count, 0);
}
