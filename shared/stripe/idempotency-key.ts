import { createHash } from 'node:crypto';

/** Stripe takes keys of up to 255 characters. */
const plain = /^[\x21-\x7e]{1,200}$/;

/**
 * The key of a write to Stripe. The same thing always has the same key. Text that no header can
 * carry is replaced by its SHA-256.
 */
export function stripeIdempotencyKey(kind: string, ...parts: string[]): string {
  const key = [kind, ...parts.map(encodeURIComponent)].join(':');
  return plain.test(key) ? key : `${kind}:${createHash('sha256').update(key).digest('base64url')}`;
}
