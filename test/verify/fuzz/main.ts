import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { readTemplate, runnableEngines, startEngine } from '../../../bench/engine.ts';
import { startDevSystem } from '../../e2e/dev-system.ts';
import { FuzzFailed, fuzz } from './fuzz.ts';
import { startInProcess } from './in-process.ts';
import { overHttp } from './over-http.ts';
import type { Tally } from './tally.ts';
import type { Api } from './wire.ts';

/** Requests over HTTP are ten times as slow, so there are a tenth of them. */
const over_http_share = 10;

const count = z.coerce.number().int().min(0);
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    level: { type: 'string', default: 'both' },
  },
});
const { requests, seed, level } = z
  .object({ requests: count, seed: count, level: z.enum(['in-process', 'over-http', 'both']) })
  .parse(values);

try {
  if (level !== 'over-http') await fuzzInProcess();
  if (level !== 'in-process') {
    const api = overHttp(await startDevSystem({ LOG: '1' }));
    await run(api, level === 'both' ? Math.ceil(requests / over_http_share) : requests);
  }
} catch (error) {
  process.stderr.write(`${error instanceof FuzzFailed ? error.message : String(Object(error).stack)}\n`);
  process.exitCode = 1;
}

async function fuzzInProcess(): Promise<void> {
  const [engine_name = 'dynoxide'] = runnableEngines();
  const engine = await startEngine(engine_name, await readTemplate());
  const client = new DynamoDBClient({
    endpoint: named(engine.environment, 'AWS_ENDPOINT_URL_DYNAMODB'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const table = (name: string) => named(engine.environment, `${name}_TABLE`);
  try {
    const database = {
      client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
      tables: {
        accounts: table('ACCOUNTS'),
        account_parts: table('ACCOUNT_PARTS'),
        ledger: table('LEDGER'),
        stripe_events: table('STRIPE_EVENTS'),
        usage: table('USAGE'),
        requests: table('REQUESTS'),
      },
    };
    await run(await startInProcess({ database }), requests);
  } finally {
    client.destroy();
    await engine.close();
  }
}

function named(environment: Readonly<Record<string, string | undefined>>, name: string): string {
  return z.string(`the stack gives no ${name}`).parse(environment[name]);
}

async function run(api: Api, wanted: number): Promise<void> {
  const began_at = performance.now();
  const tally = await fuzzAndClose(api, wanted);
  const lasted_s = ((performance.now() - began_at) / 1_000).toFixed(0);
  const { requests: sent, sequences, succeeded, operations } = tally;
  process.stdout.write(
    [
      `${api.level}: ${sent} requests in ${sequences} sequences, seed ${seed}, ${lasted_s} s`,
      `  statuses: ${tally.histogram()}`,
      `  operations that succeeded: ${succeeded.size} of ${operations.size}`,
      ...(succeeded.size < operations.size ? [`  others: ${tally.neverSucceeded().join(', ')}`] : []),
      '',
    ].join('\n'),
  );
}

async function fuzzAndClose(api: Api, wanted: number): Promise<Tally> {
  try {
    return await fuzz(api, { requests: wanted, seed });
  } finally {
    await api.close();
  }
}
