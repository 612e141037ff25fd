import { join } from 'node:path';
import { DatabaseNotAvailable, PortInUse, SynthesisFailed, TemplateNotSupported } from '@billing-credits/local-cloud';
import { InvalidBillingConfig } from '../shared/config/billing-config.ts';
import { type LocalCloud, startLocalCloud } from './cloud.ts';
import { type Options, readOptions, WrongOption } from './options.ts';

/** Failures that their message explains. */
const explained = [
  WrongOption,
  PortInUse,
  DatabaseNotAvailable,
  InvalidBillingConfig,
  SynthesisFailed,
  TemplateNotSupported,
];

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());

const print = (line: string) => process.stdout.write(`${line}\n`);
const warn = (line: string) => process.stderr.write(`${line}\n`);

function startOptions(options: Options) {
  const { port, stripe_port, database, stripe, verbose } = options;
  return {
    port,
    stripe_port,
    database,
    stripe,
    warn,
    signal: stop.signal,
    ...(verbose && { log: print }),
    ...(port !== 0 && { work_dir: join(import.meta.dirname, '..', '.local', String(port)) }),
  };
}

function introduce(cloud: LocalCloud, options: Options): void {
  const { url, stripe, database, work_dir } = cloud;
  const hook = 'stripe listen --forward-to';
  const real = options.stripe?.webhook_secret
    ? `the real one, test mode; ${hook} ${url}/api/webhooks/stripe`
    : `the real one, test mode; run ${hook} ${url}/api/webhooks/stripe and set STRIPE_WEBHOOK_SECRET to what it says`;
  const lines = [
    `stripe    ${stripe === null ? real : `${stripe.url} (fake)`}`,
    `database  ${database.endpoint} (${database.kind}: ${database.reason})`,
    ...(options.verbose ? [] : [`log       ${join(work_dir, 'functions.log')}`]),
    `a token   curl -s ${url}/_local/token -d '{"account_id": "u_1"}'`,
    `ready ${url}`,
  ];
  print(lines.join('\n'));
}

async function run(): Promise<void> {
  const options = readOptions();
  const cloud = await startLocalCloud(startOptions(options));
  introduce(cloud, options);
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  await cloud.close();
}

try {
  await run();
} catch (error) {
  if (!stop.signal.aborted) {
    const known = explained.some((type) => error instanceof type);
    warn(known && error instanceof Error ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  }
}
// Whatever a caller keeps open must not keep this process.
process.exit();
