import { createHash } from 'node:crypto';

/** Stripe takes 255 characters. */
const plain = /^[\x21-\x7e]{1,200}$/;

/** The key of a write to Stripe, for the same thing always the same. What does not go into a header as it is becomes its SHA-256. */
export function stripeIdempotencyKey(kind: string, ...parts: string[]): string {
  const key = [kind, ...parts.map(encodeURIComponent)].join(':');
  return plain.test(key) ? key : `${kind}:${createHash('sha256').update(key).digest('base64url')}`;
}
