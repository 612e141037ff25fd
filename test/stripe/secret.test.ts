import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { secretReader } from '../../shared/stripe/secret.ts';
import { captureLog } from '../api/events.ts';
import { TestClock } from './fake.ts';

const secrets = mockClient(SecretsManagerClient);
let log: ReturnType<typeof captureLog>;

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  log = captureLog();
});
afterEach(() => {
  secrets.reset();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const keep = (SecretString: string) =>
  secrets.on(GetSecretValueCommand, { SecretId: 'arn' }).resolves({ SecretString });

test('a secret is read once in five minutes', async () => {
  const clock = new TestClock();
  const read = secretReader('arn', clock.now);
  keep('one\n');
  expect(await read()).toBe('one');
  keep('two');
  clock.at += 299_999;
  expect(await read()).toBe('one');
  clock.at += 1;
  expect(await read()).toBe('two');
  expect(secrets.calls()).toHaveLength(2);
});

test('the last value is used while Secrets Manager does not answer', async () => {
  const clock = new TestClock();
  const read = secretReader('arn', clock.now);
  keep('canary');
  await read();
  secrets.on(GetSecretValueCommand).rejects(new Error('down'));
  clock.at += 300_000;
  expect(await read()).toBe('canary');
  expect(JSON.stringify(log())).not.toContain('canary');
});

test('without any value reading it is an error', async () => {
  secrets.on(GetSecretValueCommand).rejects(new Error('down'));
  await expect(secretReader('arn', () => 0)()).rejects.toThrow('down');
  secrets.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array() });
  await expect(secretReader('arn', () => 0)()).rejects.toThrow('not a plain string');
});
