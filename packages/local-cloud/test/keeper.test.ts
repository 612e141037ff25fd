import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../src/clock.ts';
import type { Companion } from '../src/companion.ts';
import { Gate, GateShut } from '../src/gate.ts';
import { createIssuer } from '../src/issuer.ts';
import { Keeper } from '../src/keeper.ts';
import { readSavedState } from '../src/saved-state.ts';
import { Schedules } from '../src/schedules.ts';
import { TimeTravel } from '../src/time-travel.ts';

let folder: string;

afterEach(() => rm(folder, { recursive: true }));

/** A cloud without tables, which keeps how many requests were done. */
async function keep() {
  folder = await mkdtemp(join(tmpdir(), 'keeper-'));
  const state_file = join(folder, 'state.jsonl');
  const clock = new VirtualClock();
  const gate = new Gate();
  const schedules = new Schedules([], clock, async () => {});
  let done = 0;
  const companion: Companion = {
    environment: {},
    routes: [],
    nextDueAt: () => null,
    runDue: async () => {},
    settled: async () => {},
    revision: 0,
    save: () => done,
    restore: () => {},
    close: async () => {},
  };
  const keeper = new Keeper({
    clock,
    issuer: await createIssuer({ url: 'http://issuer.test', audience: 'notes', clock }),
    companion,
    deployment: {
      runners: new Map(),
      queues: new Map(),
      consumed_queues: [],
      schedules,
      loaded: Promise.resolve(),
      endedInvocations: () => done,
      close: async () => {},
    },
    travel: new TimeTravel({ clock, schedules, world: null, idle: async () => {} }),
    gate,
    endpoint: 'http://database.test',
    tables: [],
    warn: () => {},
  });
  keeper.keepIn(state_file);
  const request = (until: Promise<void> = Promise.resolve()) =>
    gate.pass(async () => {
      await until;
      done += 1;
    });
  return { keeper, request, kept: async () => (await readSavedState(state_file))?.companion };
}

describe('a keeper', () => {
  it('lets requests through again after each copy but the last', async () => {
    const { keeper, request, kept } = await keep();
    await request();
    await keeper.save();
    await request();
    expect(await kept()).toBe(1);
    const closed = keeper.close();
    const late = request();
    await closed;
    const answered = await Promise.allSettled([late, request()]);
    expect(answered.filter(({ status }) => status === 'fulfilled')).toHaveLength(Number(await kept()) - 2);
    await expect(request()).rejects.toThrow(GateShut);
  });

  it('keeps what is under way when it closes, even if nothing else has changed', async () => {
    const { keeper, request, kept } = await keep();
    await keeper.save();
    const work = Promise.withResolvers<void>();
    const under_way = request(work.promise);
    const closed = keeper.close();
    work.resolve();
    await Promise.all([under_way, closed]);
    expect(await kept()).toBe(1);
  });
});
