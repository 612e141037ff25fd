import { startLocalCloud } from './cloud.ts';
import { walkMainPath } from './demo/main-path.ts';
import { Walk } from './demo/walk.ts';
import { host_environment, readOptions } from './options.ts';

/**
 * The day on which the walk begins, unless START says another: what it prints is the same every
 * day.
 */
const first_moment = '2026-03-10T09:00:00Z';

/**
 * `npm run demo`: walks the main path on a cloud of its own. Exits non-zero if a step does not show
 * what it should.
 */
const walk = new Walk((line) => process.stdout.write(`${line}\n`));
const cloud = await startLocalCloud(readOptions({ PORT: '0', START: host_environment.START ?? first_moment }));
try {
  await walkMainPath(walk, cloud);
  process.stdout.write(`\n${walk.steps} steps, every step is as it should be\n`);
} catch {
  process.stdout.write('\nthe walk ended early: a step was not as it should be\n');
  process.exitCode = 1;
} finally {
  await cloud.close();
}
