import Stripe from 'stripe';
import * as z from 'zod';
import type { ApiEvent } from '../../../shared/api/http.ts';
import { stripe_event_types } from '../../../shared/stripe/event-types.ts';
import type { Chance } from './chance.ts';
import type { Faults } from './faults.ts';
import { type Api, webhook_secret } from './process.ts';
import { requestEvent } from './requests.ts';
import type { Timeline } from './timeline.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
/** Between Stripe's attempts to tell us of an event: three days in all. */
const attempts_after_ms = [minute_ms, 10 * minute_ms, hour_ms, 5 * hour_ms, 12 * hour_ms, 24 * hour_ms, 30 * hour_ms];

/** What the deliveries need of the run. */
interface Surroundings {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly faults: Faults;
  count(what: 'events'): void;
  tell(what: string): void;
  /** The answer of one of the processes; null when none came. */
  ask(api: Api, event: ApiEvent, onAnswer: () => void): Promise<{ readonly status: number } | null>;
}

/** Stripe's events on their way to us: never, twice, late, and again until they are taken. */
export class Deliveries {
  readonly #ground: Surroundings;
  /** Whose each of Stripe's customers is, and whose customer each event is about. */
  readonly #customers = new Map<string, string>();
  readonly #owners = new Map<string, string>();

  constructor(ground: Surroundings) {
    this.#ground = ground;
  }

  /** The account whose customer an event is about; undefined where that is not known. */
  ownerOf(event_id: string): string | undefined {
    return this.#owners.get(event_id);
  }

  take(event: Stripe.Event): void {
    this.#noteOwner(event);
    if (!stripe_event_types.some((type) => type === event.type)) return;
    const { chance, faults } = this.#ground;
    this.#ground.count('events');
    this.#ground.tell(`stripe: ${event.type} ${event.id}`);
    if (faults.strikes('dropped')) return;
    const payload = JSON.stringify(event);
    for (let copies = faults.strikes('doubled') ? 2 : 1; copies > 0; copies -= 1) {
      const late_ms = faults.strikes('late')
        ? chance.between(1, 300) * chance.oneOf([1_000, minute_ms, 10 * minute_ms])
        : 0;
      void this.#bring(payload, chance.between(1, 900) + late_ms);
    }
  }

  async #bring(payload: string, first_after_ms: number): Promise<void> {
    const { timeline } = this.#ground;
    for (const pause_ms of [first_after_ms, ...attempts_after_ms]) {
      await timeline.wait(pause_ms);
      const timestamp = Math.floor(timeline.now / 1_000);
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: webhook_secret, timestamp });
      const request = requestEvent('POST /api/webhooks/stripe', payload, {
        headers: { 'stripe-signature': signature },
      });
      const answer = await this.#ground.ask('webhook', request, () => undefined);
      if (answer?.status === 200) return;
    }
  }

  #noteOwner({ id, data }: Stripe.Event): void {
    const { customer, account_id } = about_customer.parse(data.object);
    if (customer === null) return;
    if (account_id !== null) this.#customers.set(customer, account_id);
    const owner = this.#customers.get(customer);
    if (owner !== undefined) this.#owners.set(id, owner);
  }
}

/**
 * An object of Stripe's: the customer that it is or belongs to, and whose that customer is, where
 * it says so.
 */
const about_customer = z
  .object({
    object: z.string(),
    id: z.string().optional(),
    customer: z.string().nullish(),
    metadata: z.object({ account_id: z.string().optional() }).nullish(),
  })
  .transform(({ object, id = null, customer = null, metadata }) => ({
    customer: object === 'customer' ? id : customer,
    account_id: object === 'customer' ? (metadata?.account_id ?? null) : null,
  }));
