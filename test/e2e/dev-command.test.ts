import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { node_options } from '../node-options.ts';
import { Client } from './client.ts';
import { freePort, startDevSystem, user_environment } from './dev-system.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/**
 * Ids of all processes that descend from this one, by what Linux tells of each process's parent.
 */
async function descendantsOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const other of pids) {
    const stat = await readFile(`/proc/${other}/stat`, 'utf8').catch(() => '');
    parents.set(other, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const descends = (other: number): boolean => {
    const parent = parents.get(other);
    return parent !== undefined && parent > 1 && (parent === pid || descends(parent));
  };
  return pids.filter(descends);
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat !== null && !stat.includes(') Z ');
}

async function allGone(pids: number[]): Promise<void> {
  while ((await Promise.all(pids.map(isAlive))).some(Boolean)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Starts a program that starts `npm run dev`; answers when all is ready. */
async function started(command: string, args: string[]): Promise<ChildProcess> {
  const env = { ...user_environment, NODE_OPTIONS: node_options };
  const child = spawn(command, args, { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed.includes('ready http')) return child;
  }
  throw new Error(`it ended:\n${printed}`);
}

const has_script = existsSync('/usr/bin/script');

describe.skipIf(process.platform !== 'linux')('npm run dev ends with what started it', () => {
  test('npm is killed', async () => {
    const npm = await started('npm', ['run', 'dev']);
    const children = await descendantsOf(npm.pid ?? 0);
    expect(children.length).toBeGreaterThan(1);
    npm.kill('SIGKILL');
    await allGone(children);
  });

  test.skipIf(!has_script)('the terminal is closed', async () => {
    const terminal = await started('script', ['-qec', 'npm run dev', '/dev/null']);
    const children = await descendantsOf(terminal.pid ?? 0);
    expect(children.length).toBeGreaterThan(1);
    terminal.kill('SIGKILL');
    await allGone(children);
  });
});

describe.skipIf(process.platform !== 'linux')('npm run dev', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'leaves no process behind after %s, even under load',
    async (signal) => {
      const system = await startDevSystem();
      const client = new Client(system);
      const service = await client.serviceToken();
      const children = await descendantsOf(system.process.pid ?? 0);
      expect(children.length).toBeGreaterThan(0);
      const load = Array.from({ length: 20 }, () =>
        client.post('/api/accounts/u_1/credits/deduct', { amount: 1, description: 'x' }, service).catch(() => null),
      );
      const code = await system.stop(signal);
      await Promise.all(load);
      if (signal !== 'SIGKILL') expect(code).toBe(0);
      await allGone(children);
    },
  );
});

test('npm run dev answers on the port it was given', async () => {
  const port = await freePort();
  const system = await startDevSystem({ PORT: String(port), STRIPE_PORT: String(await freePort()) });
  expect(system.url).toBe(`http://127.0.0.1:${port}`);
  expect((await new Client(system).get('/api/health')).body).toEqual({ status: 'ok' });
  await system.stop();
});

describe('a wrong option stops npm run dev with a message that names it', () => {
  async function failure(environment: Record<string, string>): Promise<string> {
    const failed = await startDevSystem(environment).then(
      async (system) => {
        await system.stop();
        return null;
      },
      (error: Error) => error.message,
    );
    if (failed === null) throw new Error('it started');
    return failed;
  }

  test.each([
    ['PORT', { PORT: 'http' }, /PORT/],
    ['DYNAMODB', { DYNAMODB: 'mysql' }, /DYNAMODB/],
    ['APP_URL', { APP_URL: 'localhost:5173' }, /APP_URL/],
    ['ISSUER', { ISSUER: 'https://login.example.com' }, /ISSUER and AUDIENCE/],
    ['a live Stripe key', { STRIPE_SECRET_KEY: 'sk_live_123' }, /STRIPE_SECRET_KEY.*live/],
  ])('%s', async (_, environment, message) => {
    const said = await failure(environment);
    expect(said).toMatch(message);
    expect(said).not.toContain('sk_live_123');
  });

  test('a port that is taken, by whom', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const owner = process.platform === 'linux' ? `\\S+ \\(pid ${process.pid}\\)` : '.+';
    expect(await failure({ PORT: String(port) })).toMatch(
      new RegExp(`port ${port} is taken by ${owner}: stop it, or PORT=\\d+ npm run dev`),
    );
    await new Promise((resolve) => server.close(resolve));
  });
});

test('npm run demo walks the whole path and says what it saw', async () => {
  const { stdout } = await run('npm', ['run', 'demo'], { cwd: root, timeout: 55_000 });
  expect(stdout).toMatch(/every step is as it should be/);
});
