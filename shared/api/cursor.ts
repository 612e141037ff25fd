import { createHash } from 'node:crypto';
import * as z from '../zod.ts';
import { validationFailed } from './problem.ts';

/**
 * Where a listing goes on, as opaque text. A checksum binds the cursor to what is listed (an
 * account, for example). It is no secret: whatever a cursor says, callers list only what is theirs.
 * It detects a cursor that was changed, cut or taken from another listing.
 */
export function toCursor(listed: string, position: readonly (string | number | null)[]): string {
  const json = JSON.stringify(position);
  const checksum = createHash('sha256')
    .update(JSON.stringify([listed, json]))
    .digest('base64url');
  return `${Buffer.from(json).toString('base64url')}.${checksum.slice(0, 22)}`;
}

/**
 * The position in a cursor. Throws `validation_failed` if `toCursor` did not make the cursor for
 * this listing.
 */
export function fromCursor<P extends (string | number | null)[]>(
  schema: z.core.$ZodType<P>,
  listed: string,
  cursor: string,
): P {
  const position = z.safeParse(schema, jsonOf(cursor)).data;
  if (position === undefined || toCursor(listed, position) !== cursor) {
    throw validationFailed({ path: 'query.cursor', message: 'must be the next_cursor of an earlier page, unchanged' });
  }
  return position;
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor.split('.', 1)[0] ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
}
