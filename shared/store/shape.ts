import type * as z from '../zod.ts';

/**
 * The shape of a schema that reads all of `T`. If a field is forgotten, also an optional one, it
 * does not compile. Otherwise reads would strip such a field, and the next write would lose it.
 * Lists of words stand in the domain, `as const`, and make both the type and the schema.
 * @example z.object({ id: z.string(), kind: z.enum(lot_kinds) } satisfies Shape<Lot>)
 */
export type Shape<T> = { readonly [Field in keyof T]-?: z.core.$ZodType<T[Field]> };
