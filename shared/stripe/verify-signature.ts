import Stripe from 'stripe';
import type { Instant } from '../domain/units.ts';

/** The oldest signature that counts. */
const tolerance_s = 300;

export interface SignedBody {
  /** The body's bytes as they came. */
  readonly body: string | Uint8Array;
  /** The header Stripe-Signature. */
  readonly signature: string | undefined;
}

/**
 * Whether one of the secrets signed the body, at most 300 s ago. While one secret replaces another
 * both count. The SDK's constructEventAsync does this too, but its parser fails for what it does
 * not know; here only the signature counts.
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
  // As text: from bytes the SDK drops a byte order mark, and a body that begins with one is not
  // what was signed.
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  try {
    return await Stripe.webhooks.signature?.verifyHeaderAsync(text, signature, secret, tolerance_s, undefined, now);
  } catch {
    // The SDK throws a plain error for a header that it cannot compare. That is no signature
    // either.
    return false;
  }
}

/** The signing secrets in one plain string: one, or several with commas between them. */
export function signingSecrets(plain: string): string[] {
  return plain
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}
