import canonicalize from 'canonicalize';
import type { Entry } from '../../shared/domain/ledger/entry.ts';

/**
 * The whole entry on one line, in the form of RFC 8785. Without its member `hash` the line is, byte
 * for byte, what the hash was made of.
 */
export function toJsonLine(entry: Entry): string {
  return `${canonicalize(entry)}\n`;
}
