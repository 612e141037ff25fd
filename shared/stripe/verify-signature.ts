import Stripe from 'stripe';
import type { Instant } from '../domain/units.ts';

/** How old a signature may be. */
const tolerance_s = 300;

export interface SignedBody {
  /** As it came, to the byte. */
  readonly body: string | Uint8Array;
  /** Of the header Stripe-Signature. */
  readonly signature: string | undefined;
}

/**
 * Whether one of the secrets has signed the body, at most 300 s ago. While a secret replaces another both are good. The SDK's
 * constructEventAsync is this and a parser that fails for what it does not know; here only the signature counts.
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
export async function isSignedByStripe(
  { body, signature }: SignedBody,
  secrets: readonly string[],
  now: Instant,
): Promise<boolean> {
  const verified = await Promise.all(secrets.map((secret) => isSignedWith(secret, body, signature ?? '', now)));
  return verified.includes(true);
}

async function isSignedWith(secret: string, body: string | Uint8Array, signature: string, now: Instant) {
  // As text: of bytes the SDK drops a byte order mark, and a body that begins with one is not what was signed.
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  try {
    return await Stripe.webhooks.signature?.verifyHeaderAsync(text, signature, secret, tolerance_s, undefined, now);
  } catch {
    // Besides its own error the SDK throws a plain one for a header it cannot compare: no signature either.
    return false;
  }
}

/** The signing secrets of one plain string: one, or several with commas between them. */
export function signingSecrets(plain: string): string[] {
  return plain
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}
