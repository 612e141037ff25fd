import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { VirtualClock } from '../src/clock.ts';
import { FunctionFailed, FunctionRunner } from '../src/function-runner.ts';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0)) await end();
});

/** A function from the source of its handler, as a bundle in a thread. */
async function run(handler: string, { timeout_s = 5, clock = new VirtualClock() } = {}) {
  const code_dir = await mkdtemp(join(tmpdir(), 'billing-credits-function-'));
  await writeFile(join(code_dir, 'index.js'), handler);
  const log: string[] = [];
  const warnings: string[] = [];
  const runner = new FunctionRunner({
    function: {
      id: 'Notes',
      name: 'Notes',
      arn: 'arn:notes',
      handler: 'index.handler',
      code_key: 'notes.zip',
      timeout_s,
      memory_mb: 128,
      environment: { OWN: 'from the template' },
    },
    code_dir,
    environment: { AWS_REGION: 'us-east-1' },
    clock,
    log: (line) => log.push(line),
    warn: (line) => warnings.push(line),
  });
  ends.push(
    () => runner.close(),
    () => rm(code_dir, { recursive: true }),
  );
  return { runner, code_dir, log, warnings };
}

const timesSchema = z.object({
  now: z.number(),
  fresh: z.number(),
  text: z.string(),
  derived: z.number(),
  given: z.string(),
  same_class: z.boolean(),
  uptime: z.number(),
});

describe('the clock inside a function', () => {
  it('is virtual for every way to ask for a Date, and real for time spans', async () => {
    const clock = new VirtualClock();
    const { runner } = await run(
      `class Utc extends Date {}
       exports.handler = async () => ({
         now: Date.now(),
         fresh: new Date().getTime(),
         text: Date(),
         derived: new Utc().getTime(),
         given: new Date('2020-02-29T00:00:00Z').toISOString(),
         same_class: new Date() instanceof Date && new Date().constructor === Date && new Utc() instanceof Utc,
         uptime: performance.now(),
       })`,
      { clock },
    );
    await runner.invoke({});
    const tomorrow = clock.now() + 24 * 3_600_000;
    clock.moveTo(tomorrow);
    const times = timesSchema.parse(await runner.invoke({}));
    for (const at of [times.now, times.fresh, times.derived]) {
      expect(at).toBeGreaterThanOrEqual(tomorrow);
      expect(at).toBeLessThanOrEqual(clock.now());
    }
    expect(Date.parse(times.text)).toBeGreaterThanOrEqual(tomorrow - 1000);
    expect(times).toMatchObject({ given: '2020-02-29T00:00:00.000Z', same_class: true });
    expect(times.uptime).toBeLessThan(24 * 3_600_000);
  });
});

describe('a function', () => {
  it('has its own environment and nothing of the host’s', async () => {
    const { runner } = await run('exports.handler = async () => process.env');
    expect(await runner.invoke({})).toEqual({ OWN: 'from the template', AWS_REGION: 'us-east-1' });
  });

  it('gets Lambda’s context', async () => {
    const { runner } = await run(
      `exports.handler = async (event, context) => ({ event, ...context, left: context.getRemainingTimeInMillis() })`,
    );
    const answer = z.looseObject({ left: z.number() }).parse(await runner.invoke({ a: 1 }));
    expect(answer).toMatchObject({ event: { a: 1 }, functionName: 'Notes', invokedFunctionArn: 'arn:notes' });
    expect(answer.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.left).toBeGreaterThan(0);
    expect(answer.left).toBeLessThanOrEqual(5000);
  });

  it('runs invocations concurrently in one thread, which stays', async () => {
    const { runner } = await run(
      `const waiting = [];
       let count = 0;
       exports.handler = () => new Promise((resolve) => {
         count += 1;
         waiting.push(resolve);
         if (waiting.length === 3) for (const done of waiting.splice(0)) done(count);
       })`,
    );
    expect(await Promise.all([1, 2, 3].map(() => runner.invoke({})))).toEqual([3, 3, 3]);
    expect(await Promise.all([1, 2, 3].map(() => runner.invoke({})))).toEqual([6, 6, 6]);
  });

  it('writes its lines to the log', async () => {
    const { runner, log } = await run(`exports.handler = async () => console.log('{"level":"INFO"}')`);
    expect(await runner.invoke({})).toBeNull();
    await expect.poll(() => log).toEqual(['{"level":"INFO"}']);
  });
});

/** Source that stops its thread until the file `go` stands beside the bundle. */
const until_go = `while (!require('node:fs').existsSync(__dirname + '/go'));`;

const stopTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

describe('the time-out of a function', () => {
  it('begins when the bundle is loaded, however long that takes, and loads it once', async () => {
    const { runner, code_dir, log } = await run(
      `console.log('loads'); ${until_go} exports.handler = async () => 'alive'`,
      { timeout_s: 5 },
    );
    stopTimers();
    const answers = [runner.invoke({}), runner.invoke({})];
    vi.advanceTimersByTime(30_000);
    await writeFile(join(code_dir, 'go'), '');
    expect(await Promise.all(answers)).toEqual(['alive', 'alive']);
    await expect.poll(() => log).toEqual(['loads']);
  });

  it('leaves the function no time that the caller has waited already', async () => {
    const { runner, code_dir } = await run(
      `exports.handler = async (event, context) => {
         if (event.block) {
           ${until_go}
           const end = performance.now() + 100;
           while (performance.now() < end);
         }
         return context.getRemainingTimeInMillis();
       }`,
      { timeout_s: 60 },
    );
    await runner.warmUp();
    const blocking = runner.invoke({ block: true });
    const behind = runner.invoke({});
    await new Promise(setImmediate);
    await writeFile(join(code_dir, 'go'), '');
    await blocking;
    expect(await behind).toBeLessThanOrEqual(60_000 - 100);
  });
});

describe('a function that fails', () => {
  it('by throwing: says why', async () => {
    const { runner, warnings } = await run(`exports.handler = async () => { throw new TypeError('no such thing') }`);
    await expect(runner.invoke({})).rejects.toThrow(FunctionFailed);
    expect(warnings.join()).toContain('TypeError: no such thing');
  });

  it('by ending its thread: fails what ran in it and starts again', async () => {
    const { runner } = await run(
      `exports.handler = async (event) => { if (event.end) process.exit(1); return event.pause ? new Promise(() => {}) : 'alive' }`,
    );
    const other = runner.invoke({ pause: true });
    await expect(runner.invoke({ end: true })).rejects.toThrow(FunctionFailed);
    await expect(other).rejects.toThrow(FunctionFailed);
    expect(await runner.invoke({})).toBe('alive');
  });

  it('by an unhandled rejection: fails too', async () => {
    const { runner } = await run(
      `exports.handler = async (event) => {
         if (!event.reject) return 'alive';
         Promise.reject(new Error('forgotten'));
         return new Promise(() => {});
       }`,
    );
    await expect(runner.invoke({ reject: true })).rejects.toThrow(/forgotten/);
    expect(await runner.invoke({})).toBe('alive');
  });

  it('by running out of time: is stopped, even in an endless loop', async () => {
    const { runner } = await run(`exports.handler = async (event) => { while (event.loop); return 'alive' }`, {
      timeout_s: 1,
    });
    await expect(runner.invoke({ loop: true })).rejects.toThrow(/timed out after 1 seconds/);
    expect(await runner.invoke({})).toBe('alive');
  });

  it('by a bundle that cannot be loaded: fails', async () => {
    const { runner, warnings } = await run(`throw new Error('half a bundle')`);
    await expect(runner.warmUp()).rejects.toThrow(/half a bundle/);
    expect(warnings).toEqual([expect.stringContaining('half a bundle')]);
    await expect(runner.invoke({})).rejects.toThrow(/half a bundle/);
    expect(warnings).toEqual([warnings[0], expect.stringContaining('half a bundle')]);
  });

  it('by a bundle that never ends loading: fails, and is stopped', async () => {
    const { runner, code_dir } = await run(`${until_go} exports.handler = async () => 'alive'`);
    stopTimers();
    const answer = runner.invoke({});
    vi.advanceTimersByTime(60_000);
    await expect(answer).rejects.toThrow(/did not load within 60 seconds/);
    await writeFile(join(code_dir, 'go'), '');
    expect(await runner.invoke({})).toBe('alive');
  });
});
