import { expect, test } from 'vitest';
import { type LotKind, lot_kinds } from '../../shared/domain/ledger/lot.ts';
import type { Shape } from '../../shared/store/shape.ts';
import * as z from '../../shared/zod.ts';

interface Parcel {
  readonly kind: LotKind;
  readonly amount: number;
  readonly owed?: number;
}

/** TypeScript judges these lines: each error that is expected and does not come fails the check of types. */
test('a schema that forgets a field, or reads another type, does not satisfy its shape', () => {
  const kind = z.enum(lot_kinds);
  const amount = z.int();
  const owed = z.exactOptional(z.int());
  const shapes = [
    { kind, amount, owed } satisfies Shape<Parcel>,
    // @ts-expect-error: an optional field is forgotten
    { kind, amount } satisfies Shape<Parcel>,
    // @ts-expect-error: a required field is forgotten
    { kind, owed } satisfies Shape<Parcel>,
    // @ts-expect-error: a kind that no lot has
    { kind: z.enum([...lot_kinds, 'gift']), amount, owed } satisfies Shape<Parcel>,
    // @ts-expect-error: another type
    { kind, amount: z.string(), owed } satisfies Shape<Parcel>,
  ];
  expect(z.object(shapes[0] ?? {}).parse({ kind: 'rollover', amount: 5, owed: 2 })).toEqual({
    kind: 'rollover',
    amount: 5,
    owed: 2,
  });
});
