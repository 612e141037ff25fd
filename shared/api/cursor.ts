import { createHash } from 'node:crypto';
import * as z from '../zod.ts';
import { validationFailed } from './problem.ts';

/**
 * Where a listing goes on, as opaque text. It is bound to what is listed (an account, say) by a checksum: not a secret, since a caller
 * can list nothing but what is its own whatever the cursor says, but a cursor that was changed, cut or taken from elsewhere is noticed
 * and not misread.
 */
export function toCursor(listed: string, position: readonly (string | number | null)[]): string {
  const json = JSON.stringify(position);
  const checksum = createHash('sha256')
    .update(JSON.stringify([listed, json]))
    .digest('base64url');
  return `${Buffer.from(json).toString('base64url')}.${checksum.slice(0, 22)}`;
}

/** The position of a cursor. Throws `validation_failed` when it is not one that `toCursor` made for what is listed. */
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
