import { balance_max, type Instant } from '../domain/units.ts';
import * as z from '../zod.ts';

/** A moment as Stripe writes it (whole seconds since 1970), read as an Instant. */
export const seconds = z.pipe(
  z.int(),
  z.transform((value): Instant => value * 1_000),
);

/** A field that holds an id, or the whole object if it was expanded. */
export const reference = z.pipe(
  z.union([z.string(), z.object({ id: z.string() })]),
  z.transform((value) => (typeof value === 'string' ? value : value.id)),
);

/**
 * Our own metadata of a payment for credits: on the checkout session, the payment intent and its
 * charge.
 */
export const pack_metadata = z.pipe(
  z.object({
    pack: z.string(),
    quantity: z.coerce.number().check(z.int(), z.minimum(1)),
    credits: z.coerce.number().check(z.int(), z.minimum(1), z.maximum(balance_max)),
  }),
  z.transform(({ pack, quantity, credits }) => ({
    credits,
    description: quantity === 1 ? `pack ${pack}` : `${quantity} × pack ${pack}`,
  })),
);

/** The account that our own metadata name; null if there are none, or somebody else wrote them. */
export const account_metadata = z._default(
  z.catch(
    z.nullable(
      z.pipe(
        z.object({
          account_id: z._default(z.catch(z.nullable(z.string().check(z.minLength(1), z.maxLength(128))), null), null),
        }),
        z.transform(({ account_id }) => account_id),
      ),
    ),
    null,
  ),
  null,
);
