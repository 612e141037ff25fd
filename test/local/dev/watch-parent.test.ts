import { describe, expect, it } from 'vitest';
import { type Process, parentLoss, type Watched } from '../../../local/dev/watch-parent.ts';

/** A machine with processes that end, after which their children have another parent. */
class Machine implements Watched {
  readonly #processes = new Map<number, Process>();
  readonly #own_parent: { pid: number };

  constructor(own_parent_pid: number, ...processes: Process[]) {
    this.#own_parent = { pid: own_parent_pid };
    for (const each of processes) this.#processes.set(each.pid, each);
  }

  end(pid: number): void {
    this.#processes.delete(pid);
    for (const each of this.#processes.values()) if (each.parent_pid === pid) each.parent_pid = 1;
    if (this.#own_parent.pid === pid) this.#own_parent.pid = 1;
  }

  parentPid = () => this.#own_parent.pid;
  isAlive = (pid: number) => this.#processes.has(pid);
  read = async (pid: number) => {
    const found = this.#processes.get(pid);
    return found === undefined ? null : { ...found };
  };
}

const npm = () => ({ pid: 10, parent_pid: 5, command: 'npm run dev' });

describe('the loss of the parent', () => {
  it('is noticed when npm itself started this process', async () => {
    const machine = new Machine(10, npm());
    const is_lost = await parentLoss(machine);
    expect(await is_lost()).toBe(false);
    machine.end(10);
    expect(await is_lost()).toBe(true);
  });

  it('is noticed behind the shell that npm put in between', async () => {
    const machine = new Machine(11, npm(), { pid: 11, parent_pid: 10, command: 'sh' });
    const is_lost = await parentLoss(machine);
    expect(await is_lost()).toBe(false);
    machine.end(10);
    expect(await is_lost()).toBe(true);
  });

  it('is noticed behind several', async () => {
    const shell = { pid: 11, parent_pid: 10, command: 'my-shell' };
    const machine = new Machine(12, npm(), shell, { pid: 12, parent_pid: 11, command: 'sh' });
    const is_lost = await parentLoss(machine);
    expect(await is_lost()).toBe(false);
    machine.end(10);
    expect(await is_lost()).toBe(true);
  });

  it('is not the end of the terminal in which npm was started in the background', async () => {
    const machine = new Machine(10, npm(), { pid: 5, parent_pid: 1, command: 'bash' });
    const is_lost = await parentLoss(machine);
    machine.end(5);
    expect(await is_lost()).toBe(false);
  });

  it('is noticed where a process keeps the number of a parent that has ended', async () => {
    const machine = new Machine(10, npm());
    const is_lost = await parentLoss({ parentPid: () => 10, read: async () => null, isAlive: machine.isAlive });
    expect(await is_lost()).toBe(false);
    machine.end(10);
    expect(await is_lost()).toBe(true);
  });
});
