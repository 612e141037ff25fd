import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Instant, Milliseconds } from '../domain/units.ts';
import { errorFacts, logger } from '../observability.ts';

/** Reads a secret's current value. */
export type ReadSecret = () => Promise<string>;

/** How long a process keeps a value: a new one is in use everywhere after this time. */
const kept_ms: Milliseconds = 5 * 60_000;

/**
 * Reads a plain string from Secrets Manager and keeps it for five minutes. If Secrets Manager does
 * not answer, the last value stays in use.
 */
export function secretReader(secret_arn: string, clock: () => Instant): ReadSecret {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  let kept: { value: string; until: Instant } | null = null;

  return async () => {
    const now = clock();
    if (kept !== null && now < kept.until) return kept.value;
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret_arn }));
      if (SecretString === undefined) throw new Error('the secret is not a plain string: put in the value itself');
      kept = { value: SecretString.trim(), until: now + kept_ms };
    } catch (error) {
      if (kept === null) throw error;
      logger.warn('secret not read again', errorFacts(error));
    }
    return kept.value;
  };
}
