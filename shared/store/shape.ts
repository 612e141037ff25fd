import type * as z from '../zod.ts';

/**
 * The shape of a schema that reads all of `T`: a field that is forgotten does not compile, an optional one no less.
 * Without it such a field would be stripped from what is read, and lost at the next write. Lists of words stand in the
 * domain, `as const`, and make both the type and the schema.
 *
 * @example z.object({ id: z.string(), kind: z.enum(lot_kinds) } satisfies Shape<Lot>)
 */
export type Shape<T> = { readonly [Field in keyof T]-?: z.core.$ZodType<T[Field]> };
