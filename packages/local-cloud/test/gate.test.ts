import { describe, expect, it } from 'vitest';
import { Gate, GateShut } from '../src/gate.ts';

/** Work that ends when it is told to. */
function work(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = async () => {
    log.push(`${name} begins`);
    await promise;
    log.push(`${name} ends`);
  };
  return { run, end: resolve };
}

describe('a gate', () => {
  it('closes when all that was inside has left, and holds back what comes meanwhile', async () => {
    const log: string[] = [];
    const gate = new Gate();
    const [first, second] = [work(log, 'first'), work(log, 'second')];
    const passing = [gate.pass(first.run)];
    const closed = gate.close().then(() => log.push('closed'));
    passing.push(gate.pass(second.run));
    first.end();
    await closed;
    expect(log).toEqual(['first begins', 'first ends', 'closed']);
    gate.open();
    second.end();
    await Promise.all(passing);
    expect(log.slice(3)).toEqual(['second begins', 'second ends']);
  });

  it('that is shut turns away what waits, what comes, and what ends inside; it does not open again', async () => {
    const gate = new Gate();
    const hanging = work([], 'hanging');
    const inside = gate.pass(hanging.run);
    void gate.close();
    const log: string[] = [];
    const waiting = gate.pass(work(log, 'waiting').run);
    gate.shut();
    gate.open();
    hanging.end();
    for (const turned_away of [inside, waiting, gate.pass(work(log, 'new').run)]) {
      await expect(turned_away).rejects.toThrow(GateShut);
    }
    expect(log).toEqual([]);
  });

  it('lets what fails inside leave as well', async () => {
    const gate = new Gate();
    await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await gate.close();
    gate.open();
    expect(await gate.pass(async () => 'through')).toBe('through');
  });
});
