import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, readPage } from '../docs/pages.ts';
import { runNode } from '../run-node.ts';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'billing-credits-walk-'));
let system: DevSystem;
let client: Client;

beforeAll(async () => {
  system = await startDevSystem();
  client = new Client(system);
});

afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * The page's shell blocks that talk to the local system, pasted one after the other, for an account
 * of this test.
 */
function walkOf(file: string, account: string, account_id: string): string {
  const blocks = blocksOf(readPage(file), 'sh').map(({ code }) => code);
  const pasted = blocks.filter((code) => /\$URL|user |backend /.test(code)).join('\n');
  return pasted.replaceAll('http://127.0.0.1:4000', system.url).replaceAll(account, account_id);
}

const shells = ['bash', 'zsh'].map((shell) => ({ shell, found: spawnSync(shell, ['-c', 'exit 0']).status === 0 }));

describe.each(shells)('pasted into $shell', ({ shell, found }) => {
  const paste = async (text: string) => (await run(shell, ['-c', text], { timeout: 50_000 })).stdout;

  test.skipIf(!found)('the blocks of README hold 50 credits and settle 13', async () => {
    const zoe = freshUser();
    const answers = await paste(walkOf('README.md', 'zoe', zoe));
    expect(answers).toContain('"held_credits":50,"available_credits":50');
    expect(answers).toContain('"amount":-13,"balance_after":87');
    expect(answers).toContain('"held_credits":0,"available_credits":87');
  });

  test.skipIf(!found)('the blocks of Get started walk to a verified ledger', async () => {
    const ada = freshUser();
    const answers = await paste(walkOf('docs/get-started.md', 'ada', ada).replaceAll('draft-1', `draft-${ada}`));
    expect(answers.match(/idempotency-replayed: true/gi)).toHaveLength(1);
    expect(answers).toContain('"held_credits":50,"available_credits":20');
    expect(answers).toContain('"code":"insufficient_credits"');
    expect(answers).toContain('"code":"feature_not_in_plan"');
    expect(answers).toContain('"plan":"pro","status":"active"');
    expect(answers).toContain('{"feature":"advanced_workflows","allowed":true}');
    expect(answers.match(/"transaction_type":"reset","amount":1000/g)?.length).toBeGreaterThanOrEqual(1);
    expect(answers).toMatch(/"ok":true,"entries":\d+,"balance":1500/);
  });
});

test('the TypeScript of README holds, runs a model and settles', async () => {
  const [block] = blocksOf(readPage('README.md'), 'ts');
  const customer = freshUser();
  const program = join(folder, 'app.mts');
  writeFileSync(
    program,
    `const url = ${JSON.stringify(system.url)};
const token = ${JSON.stringify(await client.serviceToken())};
const customer = ${JSON.stringify(customer)};
const job = 'question-1';
const prompt = 'Why is the sky blue?';
const model = async (asked: string) => ({ text: asked, tokens: 1_234 });
${block?.code ?? ''}
process.stdout.write(text);
`,
  );
  expect(await runNode([program], {})).toEqual({ code: 0, stdout: 'Why is the sky blue?', stderr: '' });
  const balance = await client.get('/api/credits', await client.token(customer));
  expect(balance.body).toMatchObject({ used_credits: 13, held_credits: 0, available_credits: 87 });
});
