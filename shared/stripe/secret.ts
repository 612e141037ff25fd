import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Instant } from '../domain/units.ts';
import { kept } from '../kept.ts';
import { errorFacts, logger } from '../observability.ts';

/** Reads a secret's current value. */
export type ReadSecret = () => Promise<string>;

/**
 * Reads a plain string from Secrets Manager and keeps it for five minutes. If Secrets Manager does
 * not answer, the last value stays in use.
 */
export function secretReader(secret_arn: string, clock: () => Instant): ReadSecret {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  const readKept = kept(
    async (SecretId) => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
      if (SecretString === undefined) throw new Error('the secret is not a plain string: put in the value itself');
      return SecretString.trim();
    },
    { clock, keepOld: (error) => logger.warn('secret not read again', errorFacts(error)) },
  );
  return () => readKept(secret_arn);
}
