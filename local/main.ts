import { join } from 'node:path';
import {
  DatabaseNotAvailable,
  PortInUse,
  SavedStateUnreadable,
  SynthesisFailed,
  TemplateNotSupported,
} from '@billing-credits/local-cloud';
import { InvalidBillingConfig } from '../shared/config/billing-config.ts';
import { startLocalCloud } from './cloud.ts';
import { introduction } from './dev/introduction.ts';
import { homePage } from './dev/page/page.ts';
import { explainTakenPort, portOwner } from './dev/port-owner.ts';
import { onStopSignal } from './dev/stop-signals.ts';
import { watchParent } from './dev/watch-parent.ts';
import { is_npm_script, type Options, readOptions, WrongOption } from './options.ts';

/** Failures that their message explains. */
const explained = [
  WrongOption,
  DatabaseNotAvailable,
  InvalidBillingConfig,
  SavedStateUnreadable,
  SynthesisFailed,
  TemplateNotSupported,
];

const stop = new AbortController();
onStopSignal(process, {
  stop: () => stop.abort(),
  abandon: () => process.exit(1),
  now: () => performance.now(),
});
if (is_npm_script) await watchParent(() => stop.abort());

// A terminal that was closed takes no more output; that is no reason to leave anything undone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
const print = (line: string) => process.stdout.write(`${line}\n`);
const warn = (line: string) => process.stderr.write(`${line}\n`);

function startOptions(options: Options) {
  const { port, verbose, data_dir, ...others } = options;
  return {
    ...others,
    port,
    warn,
    ...(data_dir !== null && { state_file: join(data_dir, 'state.jsonl') }),
    signal: stop.signal,
    ...(verbose && { log: print }),
    ...(port !== 0 && { work_dir: join(import.meta.dirname, '..', '.local', String(port)) }),
  };
}

async function run(options: Options): Promise<void> {
  const cloud = await startLocalCloud(startOptions(options));
  cloud.use(homePage(cloud, options));
  print(introduction(cloud, options));
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  await cloud.close();
}

/** What to print about a failure; a bug's stack is all there is to say about it. */
async function explain(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof PortInUse) {
    const { port } = error;
    const variable = port === readOptions().stripe_port ? 'STRIPE_PORT' : 'PORT';
    return explainTakenPort({ port, variable, owner: await portOwner(port) });
  }
  return explained.some((type) => error instanceof type) ? error.message : (error.stack ?? error.message);
}

try {
  await run(readOptions());
} catch (error) {
  if (!stop.signal.aborted) {
    warn(await explain(error));
    process.exitCode = 1;
  }
}
// Whatever a caller keeps open must not keep this process.
process.exit();
