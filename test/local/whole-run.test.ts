import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { first_moment } from '../e2e/dev-system.ts';
import { wanted_database } from '../engines/wanted-database.ts';
import { permissionsOf } from '../infra/permissions.ts';
import { GIVEN_ISSUER, SynthesizedStack } from '../infra/synthesized-stack.ts';
import { AwsCalls } from './aws-calls.ts';
import { own_canary, Story, stripe_canary } from './story.ts';

const stack = SynthesizedStack.of(GIVEN_ISSUER);

/**
 * What Lambda itself does in a function's name: write its log, poll its queue, keep what was
 * missed.
 */
const LAMBDAS_OWN = [
  /^logs:(CreateLogStream|PutLogEvents) /,
  /^sqs:(ChangeMessageVisibility|DeleteMessage|GetQueueAttributes|GetQueueUrl|ReceiveMessage) /,
  /^sqs:SendMessage \w+Missed$/,
];

/**
 * Only a function whose time runs out hands the rest of its work on: see sweep.test.ts and
 * reconciliation.test.ts.
 */
const OUT_OF_TIME: Record<string, string> = {
  SweepWorker: 'sqs:SendMessage SweepResetsQueue',
  ReconciliationWorker: 'sqs:SendMessage ReconciliationRunsQueue',
};

describe('a run of the whole system', () => {
  const calls = new AwsCalls();
  const warnings: string[] = [];
  const log: string[] = [];
  let cloud: LocalCloud;
  let story: Story;

  beforeAll(async () => {
    cloud = await startLocalCloud({
      port: 0,
      stripe_port: 0,
      database: wanted_database,
      starts_at: Date.parse(first_moment),
      stripe: null,
      log: (line) => void log.push(line),
      warn: (line) => void warnings.push(line),
      reach: (endpoint) => calls.reach(endpoint),
    });
    story = new Story(cloud);
    await story.tell();
  });

  afterAll(async () => {
    await cloud.close();
    await calls.close();
  });

  /*
   * The bundles make their calls to AWS through a tap that notes which function needed which permission. What its role does not
   * allow would fail on AWS only; what it never needs should not be allowed.
   */
  describe('a function’s role allows what the function needs, and nothing else', () => {
    test.each(stack.names('AWS::Lambda::Function'))('%s', (name) => {
      const allowed = permissionsOf(stack, `${name}Role`)
        .filter((permission) => !LAMBDAS_OWN.some((own) => own.test(permission)))
        .filter((permission) => permission !== OUT_OF_TIME[name]);
      expect(calls.of(name).sort()).toEqual(allowed.sort());
    });
  });

  const keys = /sk_test_\w|whsec_\w/;

  test('no log has a token, a key, what a caller wrote, or what Stripe knows of a customer', () => {
    const text = log.join('\n');
    const deduct = 'POST /api/accounts/{account_id}/credits/deduct';
    for (const route of [deduct, 'POST /api/billing/checkout', 'POST /api/webhooks/stripe']) {
      expect(text).toContain(`"route_key":"${route}"`);
    }
    for (const message of ['stripe event handled', 'stripe call failed', 'drift', 'shard swept']) {
      expect(text).toContain(`"message":"${message}"`);
    }
    const telling = (line: string) =>
      keys.test(line) ||
      [own_canary, stripe_canary, ...story.tokens].some((secret) => line.toLowerCase().includes(secret.toLowerCase()));
    expect(log.filter(telling)).toEqual([]);
  });

  test('no answer has a token, a key, or what Stripe knows of a customer', () => {
    const { answers, tokens } = story;
    expect(answers.some((answer) => answer.includes(own_canary))).toBe(true);
    expect(answers.filter((answer) => keys.test(answer))).toEqual([]);
    expect(answers.filter((answer) => [stripe_canary, ...tokens].some((secret) => answer.includes(secret)))).toEqual(
      [],
    );
  });

  test('no function failed', () => {
    expect(warnings).toEqual([]);
  });
});
