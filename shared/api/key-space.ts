import { createHash } from 'node:crypto';

/**
 * The longest name of a user in a key. Longer names are hashed, so that they fit into a key of the
 * database.
 */
const name_chars_max = 128;

/**
 * The Idempotency-Key in its sender's key space: no user can take a key that a service or another
 * user is going to send. A user's key becomes `user:<subject>:<key>`. A service's key stays as it
 * is, unless it begins like a key of another space.
 */
export function toSpacedKey(user: string | null, idempotency_key: string): string {
  if (user !== null) return `user:${nameIn(user)}:${idempotency_key}`;
  return /^(user|service):/.test(idempotency_key) ? `service:${idempotency_key}` : idempotency_key;
}

/**
 * The user's name without colons and in printable ASCII. A hash begins with `#`, which no name
 * keeps.
 */
function nameIn(user: string): string {
  const name = encodeURIComponent(user);
  if (name.length <= name_chars_max) return name;
  return `#${createHash('sha256').update(user).digest('base64url')}`;
}
