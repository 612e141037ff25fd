import canonicalize from 'canonicalize';
import type { Entry } from '../../shared/domain/entry.ts';

/**
 * The whole entry on a line of its own, in the form of RFC 8785: without its member `hash` it is, byte for byte, what the hash was
 * made of.
 */
export function toJsonLine(entry: Entry): string {
  return `${canonicalize(entry)}\n`;
}
