import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { functionBundle } from '../../infra/function-bundles.ts';
import { function_names } from '../../infra/functions.ts';
import { runNode } from '../run-node.ts';

vi.setConfig({ testTimeout: 120_000 });

const break_billing_config = new URL('./break-billing-config.ts', import.meta.url).href;

const function_schema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.enum(function_names) }) }),
});

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'billing-infra-'));
});
afterEach(() => rmSync(outdir, { recursive: true, force: true }));

function run(context: Record<string, string>, ...options: string[]) {
  return runNode([...options, 'infra/app.ts'], { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) });
}

test.each([
  ['with defineBilling', ''],
  ['without it', '?unchecked'],
])(
  'a mistake in billing.config.ts, %s, stops the synthesis with the field’s name and no stack trace',
  async (_, how) => {
    const { code, stderr } = await run({}, '--import', `${break_billing_config}${how}`);
    expect(stderr).toMatch(/^billing\.config\.ts is wrong:\n {2}plans\.free\.monthly_credits: [^\n]+\n$/);
    expect(code).toBe(1);
    expect(readdirSync(outdir)).toEqual([]);
  },
);

test('a mistake in the context stops the synthesis too', async () => {
  const { code, stderr } = await run({ stage: 'Production' });
  expect(stderr).toMatch(/^CDK context is wrong:\n {2}stage: [^\n]+\n$/);
  expect(code).toBe(1);
});

describe('the cdk command', () => {
  /** Lists the stacks: that synthesizes without bundling. */
  const list = (...contexts: string[]) =>
    runNode(
      ['node_modules/aws-cdk/bin/cdk', 'list', '--output', outdir, ...contexts.flatMap((context) => ['-c', context])],
      { PATH: dirname(process.execPath), HOME: outdir, CDK_DISABLE_CLI_TELEMETRY: 'true' },
    );

  test('can be given contexts of this app and of CDK itself', async () => {
    const { code, stdout, stderr } = await list(
      'stage=local',
      'appUrl=https://a.example,https://b.example',
      'aws-cdk:enableDiffNoFail=true',
      '@aws-cdk/core:stackRelativeExports=true',
      'availability-zones:account=1:region=us-east-1=us-east-1a',
    );
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'billing-credits-local\n' });
  });

  test('stops at a name that is not known, with the one that was meant', async () => {
    const { code, stderr } = await list('appurl=https://a.example');
    expect(stderr).toContain('CDK context is wrong:\n  appurl: is not known; did you mean appUrl?');
    expect(code).toBe(1);
  });
});

test('each function is deployed with its own bundle', async () => {
  const { code, stderr } = await run({ stage: 'local', stripeEventSource: 'aws.partner/stripe.com/ed_test_1' });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const template = z
    .object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })) })
    .parse(JSON.parse(readFileSync(join(outdir, 'billing-credits-local.template.json'), 'utf8')));
  const deployed = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => function_schema.parse(Properties));
  expect(deployed).toHaveLength(function_names.length);
  for (const { Code, Environment } of deployed) {
    const asset = join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`);
    const bundle = functionBundle(Environment.Variables.POWERTOOLS_SERVICE_NAME);
    expect(readFileSync(join(asset, 'index.js')).equals(bundle.code)).toBe(true);
    // Nothing but the bundle is deployed.
    expect(readdirSync(asset)).toEqual(['index.js']);
  }
});
