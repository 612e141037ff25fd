import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Route } from './route.ts';

/**
 * The same for equal requests: SHA-256 (base64url) over the route's name and the RFC 8785 form of
 * the parsed path and body. So spaces, the order of fields, and defaults that are spelt out make no
 * difference.
 */
export function fingerprintOf(route: Route, params: unknown, body: unknown): string {
  return createHash('sha256')
    .update(`${route.name}\n${canonicalize(params)}\n${canonicalize(body)}`)
    .digest('base64url');
}
