import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { TransactionType } from '../domain/entry.ts';
import { validationFailed } from './problem.ts';
import { transaction_type } from './schemas.ts';

/** Where a listing of the ledger goes on. */
export interface Position {
  /** The next page begins below it. */
  readonly before_seq: number;
  /** What the listing shows; undefined is every type. */
  readonly type: TransactionType | undefined;
}

const position_schema = z.tuple([z.int().min(1), transaction_type.nullable()]);

/**
 * The position as opaque text. It is bound to the account by a checksum: not a secret, since a caller can list no account but its
 * own whatever the cursor says, but a cursor that was changed, cut or taken from elsewhere is noticed and not misread.
 */
export function toCursor(account_id: string, { before_seq, type }: Position): string {
  const position = JSON.stringify([before_seq, type ?? null]);
  const checksum = createHash('sha256')
    .update(JSON.stringify([account_id, position]))
    .digest('base64url');
  return `${Buffer.from(position).toString('base64url')}.${checksum.slice(0, 22)}`;
}

/** The position of a cursor. Throws `validation_failed` when it is not one that `toCursor` made for this account. */
export function fromCursor(account_id: string, cursor: string): Position {
  const position = positionOf(cursor);
  if (position === undefined || toCursor(account_id, position) !== cursor) {
    throw validationFailed({ path: 'query.cursor', message: 'must be the next_cursor of an earlier page, unchanged' });
  }
  return position;
}

function positionOf(cursor: string): Position | undefined {
  const json = Buffer.from(cursor.split('.', 1)[0] ?? '', 'base64url').toString();
  try {
    const [before_seq, type] = position_schema.parse(JSON.parse(json));
    return { before_seq, type: type ?? undefined };
  } catch {
    return undefined;
  }
}
