import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onStopSignal } from '../../../local/dev/stop-signals.ts';

function pressing() {
  const signals = new EventEmitter();
  const calls: string[] = [];
  let now = 0;
  onStopSignal(signals, { stop: () => calls.push('stop'), abandon: () => calls.push('abandon'), now: () => now });
  const press = (signal: string, at: number) => {
    now = at;
    signals.emit(signal);
  };
  return { press, calls };
}

describe('a signal that asks to stop', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s stops', (signal) => {
    const { press, calls } = pressing();
    press(signal, 0);
    expect(calls).toEqual(['stop']);
  });

  it('counts once when it comes from the terminal and from npm', () => {
    const { press, calls } = pressing();
    press('SIGINT', 0);
    press('SIGINT', 3);
    expect(calls).toEqual(['stop']);
  });

  it('ends the process at once when it comes again later', () => {
    const { press, calls } = pressing();
    press('SIGINT', 0);
    press('SIGINT', 2000);
    expect(calls).toEqual(['stop', 'abandon']);
  });
});
