import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { host_environment } from '../local/options.ts';

/*
 * Starts `npm run dev`, waits until it is ready, asks for its health and stops it. Runs on every
 * system, so it needs no shell of a certain kind.
 */
const patience_ms = 180_000;
const is_windows = process.platform === 'win32';

const child = spawn('npm run dev', {
  cwd: join(import.meta.dirname, '..'),
  env: { ...host_environment, PORT: '0', STRIPE_PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
  shell: true,
  // A group of its own, which can be stopped as a whole.
  detached: !is_windows,
});
const exited = once(child, 'exit');

function stop(): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  if (is_windows) spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
  else process.kill(-child.pid, 'SIGTERM');
}

/** Where the API is, once everything answers. */
async function ready(): Promise<string> {
  let printed = '';
  for await (const chunk of child.stdout) {
    process.stdout.write(chunk);
    printed += String(chunk);
    const [, url] = /^ready (http:\S+)/m.exec(printed) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('npm run dev ended before it was ready');
}

const late = setTimeout(() => {
  process.stderr.write(`npm run dev was not ready after ${patience_ms / 1000} s\n`);
  stop();
  process.exit(1);
}, patience_ms);

/**
 * The first request to a function starts it, which a busy machine may not manage in the function's
 * time.
 */
async function healthy(url: string): Promise<void> {
  for (;;) {
    const health = await fetch(`${url}/api/health`);
    process.stdout.write(`GET /api/health ${health.status} ${await health.text()}\n`);
    if (health.ok) return;
  }
}

try {
  await healthy(await ready());
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
} finally {
  clearTimeout(late);
  stop();
  await exited;
}
