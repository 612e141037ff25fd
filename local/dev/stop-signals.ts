/** Terminals and npm both hand Ctrl-C on, so that one key press can come twice. */
const same_key_press_ms = 500;

export interface StopSignals {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

/**
 * Calls `stop` at the first signal that asks this process to end: Ctrl-C, a closed terminal,
 * `kill`. A second one, later than half a second, calls `abandon`: whoever asks twice does not want
 * to wait.
 */
export function onStopSignal(
  signals: StopSignals,
  { stop, abandon, now }: { stop: () => void; abandon: () => void; now: () => number },
): void {
  let first_at: number | null = null;
  const ask = () => {
    if (first_at === null) {
      first_at = now();
      stop();
    } else if (now() - first_at > same_key_press_ms) abandon();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) signals.on(signal, ask);
}
