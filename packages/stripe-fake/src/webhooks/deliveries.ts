import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import type Stripe from 'stripe';
import { wantsEvent } from '../objects/webhook-endpoints.ts';
import type { Clock, World } from '../world.ts';
import type { Faults } from './faults.ts';

interface Delivery {
  id: string;
  event: Stripe.Event;
  endpoint_id: string;
  /** Virtual milliseconds. */
  first_at: number;
  attempts: number;
}

/** A delivery that has not ended well yet. */
export interface SavedDelivery extends Omit<Delivery, 'event'> {
  event_id: string;
  /** The moment of its next attempt (virtual milliseconds); null is at once. */
  at: number | null;
}

export interface DeliveriesOptions {
  world: World;
  clock: Clock;
  faults: Faults;
  /** Stripe gives no order: several deliveries run at a time. */
  concurrency: number;
  /** Called when a retry has been written into the agenda. */
  onRetry: () => void;
}

const TIMEOUT_MS = 20_000;
const HOUR_MS = 3_600_000;
/** Quickly at first, then as Stripe does, with growing pauses and at last every twelve hours. */
const RETRY_DELAYS_MS = [0.2, 1, 5, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600].map((seconds) => seconds * 1000);
const LAST_RETRY_DELAY_MS = 12 * HOUR_MS;
const GIVE_UP_AFTER_MS = 72 * HOUR_MS;
/** A retry that is due so soon counts as unfinished business. */
const SOON_MS = 10_000;

/** Posts events to the webhook endpoints, signed, until they are taken. */
export class Deliveries {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #onRetry: () => void;
  readonly #concurrency: number;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #abort = new AbortController();
  readonly #queue: Delivery[] = [];
  /** Failed deliveries, with the moment of their next attempt. */
  readonly #retries = new Map<string, { delivery: Delivery; at: number }>();
  readonly #in_flight = new Set<Delivery>();
  #waiters: (() => void)[] = [];

  constructor({ world, clock, faults, concurrency, onRetry }: DeliveriesOptions) {
    this.#world = world;
    this.#clock = clock;
    this.#faults = faults;
    this.#concurrency = concurrency;
    this.#onRetry = onRetry;
  }

  /** Takes the events of one action. */
  send(events: Stripe.Event[]): void {
    const deliveries = events.flatMap((event) => this.#deliveriesOf(event));
    this.#queue.push(...(this.#faults.reorder ? this.#shuffled(deliveries) : deliveries));
    this.#start();
  }

  /** Makes the next attempt of a failed delivery. */
  retry(id: string): void {
    const waiting = this.#retries.get(id);
    if (waiting === undefined) return;
    this.#retries.delete(id);
    if (this.#isLost(waiting.at)) {
      this.#notify();
      return;
    }
    this.#queue.push(waiting.delivery);
    this.#start();
  }

  /** Resolves when nothing is in flight and no retry is due soon. */
  async settled(): Promise<void> {
    while (!this.#isSettled()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** What is on its way or waits: it is sent again where it is put back. */
  save(): SavedDelivery[] {
    const now = [...this.#in_flight, ...this.#queue].map((delivery) => ({ delivery, at: null }));
    return [...now, ...this.#retries.values()].map(({ delivery: { event, ...rest }, at }) => ({
      ...rest,
      event_id: event.id,
      at,
    }));
  }

  /** Puts back what `save` gave; its events are in the store, its later attempts in the agenda. */
  restore(saved: readonly SavedDelivery[]): void {
    for (const { event_id, at, ...rest } of saved) {
      const delivery: Delivery = { ...rest, event: this.#world.store.events.require(event_id) };
      if (at === null) this.#queue.push(delivery);
      else this.#retries.set(delivery.id, { delivery, at });
    }
    this.#start();
  }

  close(): void {
    this.#queue.length = 0;
    this.#retries.clear();
    this.#abort.abort();
    this.#agent.destroy();
    this.#notify();
  }

  #isSettled(): boolean {
    const soon = this.#clock.now() + SOON_MS;
    return (
      this.#in_flight.size === 0 && this.#queue.length === 0 && [...this.#retries.values()].every(({ at }) => at > soon)
    );
  }

  #notify(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  #deliveriesOf(event: Stripe.Event): Delivery[] {
    const endpoints = this.#world.store.webhook_endpoints.list((endpoint) => wantsEvent(endpoint, event.type));
    if (endpoints.length === 0) return [];
    if (this.#isLost(event.created * 1000)) return [];
    if (this.#faults.drop > 0) {
      this.#faults.drop -= 1;
      return [];
    }
    const first_at = this.#clock.now();
    const copies = Array.from({ length: 1 + this.#faults.duplicate });
    return endpoints.flatMap(({ id }) =>
      copies.map(() => ({ id: this.#world.id('dl_'), event, endpoint_id: id, first_at, attempts: 0 })),
    );
  }

  /** Whether what is sent at this moment never arrives. */
  #isLost(at: number): boolean {
    const { drop_until } = this.#faults;
    return drop_until !== null && at < drop_until;
  }

  #shuffled(deliveries: Delivery[]): Delivery[] {
    return deliveries
      .map((delivery) => ({ delivery, place: this.#world.random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ delivery }) => delivery);
  }

  #start(): void {
    while (this.#in_flight.size < this.#concurrency) {
      const delivery = this.#queue.shift();
      if (delivery === undefined) break;
      this.#in_flight.add(delivery);
      void this.#attempt(delivery).finally(() => {
        this.#in_flight.delete(delivery);
        this.#start();
        this.#notify();
      });
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const endpoint = this.#world.store.webhook_endpoints.get(delivery.endpoint_id);
    if (endpoint === undefined || endpoint.status !== 'enabled' || !endpoint.url.startsWith('http://')) return;
    delivery.attempts += 1;
    const payload = JSON.stringify(delivery.event);
    const secrets = this.#world.store.webhook_secrets.get(endpoint.id) ?? [];
    const timestamp = Math.floor(this.#clock.now() / 1000);
    const status = await this.#post(endpoint.url, payload, signature(payload, secrets, timestamp));
    if (status >= 200 && status < 300) this.#markDelivered(delivery.event.id);
    else this.#scheduleRetry(delivery);
  }

  #markDelivered(event_id: string): void {
    const event = this.#world.store.events.require(event_id);
    this.#world.store.events.put({ ...event, pending_webhooks: Math.max(0, event.pending_webhooks - 1) });
  }

  #scheduleRetry(delivery: Delivery): void {
    if (this.#abort.signal.aborted) return;
    const at = this.#clock.now() + (RETRY_DELAYS_MS[delivery.attempts - 1] ?? LAST_RETRY_DELAY_MS);
    if (at > delivery.first_at + GIVE_UP_AFTER_MS) return;
    this.#retries.set(delivery.id, { delivery, at });
    this.#world.agenda.set('delivery.retry', delivery.id, at);
    this.#onRetry();
  }

  /** The answer's status, or 0 when there was none. */
  #post(url: string, payload: string, signed: string): Promise<number> {
    return new Promise((resolve) => {
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(payload),
        'stripe-signature': signed,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      };
      const { signal } = this.#abort;
      const post = request(url, { method: 'POST', headers, agent: this.#agent, signal, timeout: TIMEOUT_MS });
      post.on('response', (response) => {
        response.resume();
        response.on('close', () => resolve(response.statusCode ?? 0));
      });
      post.on('timeout', () => post.destroy());
      post.on('error', () => resolve(0));
      post.end(payload);
    });
  }
}

/** @see https://docs.stripe.com/webhooks#verify-manually */
function signature(payload: string, secrets: string[], timestamp: number): string {
  const hmac = (secret: string) => createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex');
  return [`t=${timestamp}`, ...secrets.map((secret) => `v1=${hmac(secret)}`)].join(',');
}
