import Stripe from 'stripe';
import * as z from 'zod';
import { errand_kinds } from './agenda.ts';
import type { Idempotency } from './api/idempotency.ts';
import type { Deliveries } from './webhooks/deliveries.ts';
import type { World } from './world.ts';

const format = 1;

const saved_schema = z.object({
  format: z.literal(format, 'it was written by another version of the fake of Stripe'),
  /** By the name of the store's part. */
  store: z.record(z.string(), z.unknown()),
  agenda: z.array(z.object({ kind: z.enum(errand_kinds), id: z.string(), at: z.number() })),
  /** What has not been delivered, each with the moment of its next attempt; null is at once. */
  deliveries: z.array(
    z.object({
      id: z.string(),
      event_id: z.string(),
      endpoint_id: z.string(),
      first_at: z.number(),
      attempts: z.int(),
      at: z.number().nullable(),
    }),
  ),
  idempotency_keys: z.array(
    z.object({
      key: z.string(),
      fingerprint: z.string(),
      answer: z.object({ status: z.int(), body: z.string() }),
      at: z.number(),
    }),
  ),
});

/** Everything that the fake knows, as JSON has it. Faults are not kept. */
export type SavedFake = z.infer<typeof saved_schema>;

interface Kept {
  world: World;
  deliveries: Deliveries;
  idempotency: Idempotency;
}

export function saveFake({ world, deliveries, idempotency }: Kept): SavedFake {
  return {
    format,
    store: Object.fromEntries(world.store.parts().map(([name, part]) => [name, part.save()])),
    agenda: world.agenda.save(),
    deliveries: deliveries.save(),
    idempotency_keys: idempotency.save(),
  };
}

/**
 * Puts back what `saveFake` gave. What the seed has made stays as it is: its ids are the same at
 * each start. Throws what zod throws when it is something else.
 */
export function restoreFake({ world, deliveries, idempotency }: Kept, given: unknown): void {
  const saved = saved_schema.parse(given);
  for (const [name, part] of world.store.parts()) part.restore(withDecimals(saved.store[name] ?? []));
  for (const { kind, id, at } of saved.agenda) world.agenda.set(kind, id, at);
  deliveries.restore(saved.deliveries);
  idempotency.restore(saved.idempotency_keys);
}

/** The SDK's type of decimal fields; JSON has them as text. */
function withDecimals(rows: unknown): unknown {
  return JSON.parse(JSON.stringify(rows), (name, value) =>
    name.endsWith('_decimal') && typeof value === 'string' ? Stripe.Decimal.from(value) : value,
  );
}
