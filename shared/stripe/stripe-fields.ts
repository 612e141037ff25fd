import * as z from 'zod';
import { balance_max, type Instant } from '../domain/units.ts';

/** Whole seconds since 1970, as Stripe writes moments, read as an Instant. */
export const seconds = z.int().transform((value): Instant => value * 1_000);

/** A field that holds an id, or the whole object where it was expanded. */
export const reference = z
  .union([z.string(), z.object({ id: z.string() })])
  .transform((value) => (typeof value === 'string' ? value : value.id));

/** What our own metadata says of a payment for credits: of the checkout session, and of the payment intent and its charge. */
export const pack_metadata = z
  .object({
    pack: z.string(),
    quantity: z.coerce.number().int().min(1),
    credits: z.coerce.number().int().min(1).max(balance_max),
  })
  .transform(({ pack, quantity, credits }) => ({
    credits,
    description: quantity === 1 ? `pack ${pack}` : `${quantity} × pack ${pack}`,
  }));

/** The account that our own metadata names; null where there is none, or something else wrote it. */
export const account_metadata = z
  .object({ account_id: z.string().min(1).max(128).nullable().catch(null).default(null) })
  .transform(({ account_id }) => account_id)
  .nullable()
  .catch(null)
  .default(null);
