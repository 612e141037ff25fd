import { createHash } from 'node:crypto';

/** As long as a user's name in a key may be: longer ones are hashed, so that a key of the database holds it. */
const name_chars_max = 128;

/**
 * The Idempotency-Key in the key space of who sent it: no user can take a key that a service, or another user, is going to send. A
 * user's key becomes `user:<subject>:<key>`; a service's stays as it is, unless it begins like one of another space.
 */
export function toSpacedKey(user: string | null, idempotency_key: string): string {
  if (user !== null) return `user:${nameIn(user)}:${idempotency_key}`;
  return /^(user|service):/.test(idempotency_key) ? `service:${idempotency_key}` : idempotency_key;
}

/** Without colons, and in printable ASCII; `#`, which is never left as it is, begins a hash. */
function nameIn(user: string): string {
  const name = encodeURIComponent(user);
  if (name.length <= name_chars_max) return name;
  return `#${createHash('sha256').update(user).digest('base64url')}`;
}
