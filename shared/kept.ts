import type { Instant, Milliseconds } from './domain/units.ts';

/** How long a process keeps what it was answered: a change is noticed after this time. */
const kept_ms: Milliseconds = 5 * 60_000;

interface KeptOptions {
  readonly clock: () => Instant;
  /**
   * Called when a value that is too old could not be read again: the old one then stays in use.
   * Without it the failure is thrown.
   */
  readonly keepOld?: (error: unknown) => void;
}

/** Reads a value by its key, and keeps it for five minutes. A failure is not kept. */
export function kept<V>(
  read: (key: string) => Promise<V>,
  { clock, keepOld }: KeptOptions,
): (key: string) => Promise<V> {
  const values = new Map<string, { value: V; until: Instant }>();
  return async (key) => {
    const now = clock();
    const known = values.get(key);
    if (known !== undefined && now < known.until) return known.value;
    try {
      const value = await read(key);
      values.set(key, { value, until: now + kept_ms });
      return value;
    } catch (error) {
      if (known === undefined || keepOld === undefined) throw error;
      keepOld(error);
      return known.value;
    }
  };
}
