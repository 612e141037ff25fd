import { type FakeStripe, ManualClock, startFakeStripe } from '@billing-credits/stripe-fake';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readStripeOptions, WrongOption } from '../../local/options.ts';
import { parseCommand, WrongCommand } from '../../local/stripe-sync/command.ts';
import { runNode } from '../run-node.ts';
import { webhook_url } from './shop.ts';

vi.setConfig({ testTimeout: 30_000 });

/** `npm run stripe:sync -- …` as a user starts it, in this environment and no other. */
const run = (args: string[], environment: Record<string, string>) =>
  runNode(['local/stripe-sync.ts', ...args], environment);

describe('the command line', () => {
  test.each([
    [[], { action: 'sync', dry_run: false, live: false, webhook_url: null }],
    [['--dry-run', '--live'], { action: 'sync', dry_run: true, live: true, webhook_url: null }],
    [['--webhook-url', webhook_url], { action: 'sync', dry_run: false, live: false, webhook_url }],
    [['--help'], { action: 'help' }],
  ])('%j', (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  test.each([[['--force']], [['now']], [['--webhook-url']], [['--webhook-url', 'ftp://x']], [['--webhook-url', 'x']]])(
    '%j is no command',
    (args) => {
      expect(() => parseCommand(args)).toThrow(WrongCommand);
    },
  );
});

describe('the Stripe key', () => {
  const read = (key: string | undefined, live: boolean, api_url?: string) =>
    readStripeOptions({ live }, { STRIPE_SECRET_KEY: key, STRIPE_API_URL: api_url });

  test('is a test key; a live one only with --live', () => {
    expect(read('sk_test_1', false)).toEqual({ api_key: 'sk_test_1', api_url: undefined });
    expect(read('rk_live_1', true)).toEqual({ api_key: 'rk_live_1', api_url: undefined });
    expect(() => read('sk_live_1', false)).toThrow('add --live');
    expect(() => read('rk_live_1', false)).toThrow('add --live');
    expect(() => read('sk_test_1', true)).toThrow('is a test key');
  });

  test('is sent elsewhere than to Stripe only if it is a test key', () => {
    expect(read('sk_test_1', false, 'http://127.0.0.1:4001').api_url).toBe('http://127.0.0.1:4001');
    expect(() => read('sk_live_1', true, 'http://127.0.0.1:4001')).toThrow('a live key is sent to Stripe only');
  });

  test.each([[undefined], [''], ['pk_test_1'], ['whsec_1']])('%s is no key', (key) => {
    expect(() => read(key, false)).toThrow(WrongOption);
    expect(() => read(key, false)).toThrow('STRIPE_SECRET_KEY is');
  });

  test('is never in a message', () => {
    expect(() => read('sk_live_canary', false)).not.toThrow(/canary/);
    expect(() => read('pk_canary', false)).not.toThrow(/canary/);
  });
});

describe('npm run stripe:sync', () => {
  let fake: FakeStripe;
  let environment: Record<string, string>;
  beforeAll(async () => {
    fake = await startFakeStripe({
      clock: new ManualClock('2026-11-24T10:00:00Z'),
      port: 0,
      seed: null,
      webhook: null,
    });
    environment = { STRIPE_SECRET_KEY: 'sk_test_local', STRIPE_API_URL: fake.url };
  });
  afterAll(() => fake.close());

  test('prints its plan, carries it out, and finds nothing to do afterwards', async () => {
    const args = ['--webhook-url', webhook_url];
    const dry = await run([...args, '--dry-run'], environment);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/^Stripe in test mode at http[^\n]+\n\+ product {3}billing_credits_plan_pro: Pro\n/);
    expect(dry.stdout).not.toMatch(/whsec_|done/);

    const done = await run(args, environment);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout.startsWith(dry.stdout)).toBe(true);
    expect(done.stdout).toMatch(/\nwhsec_\w{32}\n.*\ndone: \d+ changes\n$/s);

    const again = await run(args, environment);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(/^[^\n]+\nStripe is as billing\.config\.ts says: nothing to change\n$/);
  });

  test('explains a mistake in a line, without a stack trace', async () => {
    const unset = await run([], {});
    expect(unset).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^STRIPE_SECRET_KEY is not set[^\n]+\n$/),
    });
    const refused = await run([], { ...environment, STRIPE_SECRET_KEY: 'rk_test_x' });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Stripe refuses: [^\n]+\n[^\n]+\n$/) });
    const live = await run([], { STRIPE_SECRET_KEY: 'sk_live_x' });
    expect(live).toMatchObject({ code: 1, stdout: '' });
  });
});
