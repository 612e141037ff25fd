import Stripe from 'stripe';
import { Agenda } from './agenda.ts';
import { Store } from './store.ts';

/** Virtual time in epoch milliseconds. */
export interface Clock {
  now(): number;
}

type DraftOf<E> = E extends Stripe.Event ? Pick<E, 'type' | 'data'> : never;

/** An event's type with its object. */
export type EventDraft = DraftOf<Stripe.Event>;

export interface WorldOptions {
  clock: Clock;
  random: () => number;
  /** The status of a subscription after the last attempt at a payment has failed. */
  after_dunning?: 'canceled' | 'unpaid';
  /** Gets the events of one action, in their order. */
  deliver: (events: Stripe.Event[]) => void;
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const AUTOMATIC: Stripe.Event.Request = { id: null, idempotency_key: null };

/** The one Stripe account that the fake plays: its objects, agenda, time and events. */
export class World {
  readonly store = new Store();
  readonly agenda = new Agenda(() => this.now());
  readonly random: () => number;
  readonly after_dunning: 'canceled' | 'unpaid';
  /** Where the fake listens, without a trailing slash. */
  url = '';
  /** Called after every action, because the agenda may have changed. */
  onAct: () => void = () => {};

  readonly #clock: Clock;
  readonly #deliver: (events: Stripe.Event[]) => void;
  #moment: number | null = null;
  #request: Stripe.Event.Request = AUTOMATIC;
  #emitted: Stripe.Event[] = [];

  constructor({ clock, random, after_dunning = 'canceled', deliver }: WorldOptions) {
    this.#clock = clock;
    this.random = random;
    this.after_dunning = after_dunning;
    this.#deliver = deliver;
  }

  /**
   * The moment of the running action, in milliseconds. A late errand still happens at its own time.
   */
  now(): number {
    return this.#moment ?? this.#clock.now();
  }

  /** The moment of the running action in seconds, Stripe's unit. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  id(prefix: string, length = 24): string {
    let id = prefix;
    for (let i = 0; i < length; i += 1) id += ID_ALPHABET.charAt(Math.floor(this.random() * ID_ALPHABET.length));
    return id;
  }

  emit(draft: EventDraft): void {
    const event: Stripe.Event = {
      id: this.id('evt_1'),
      object: 'event',
      api_version: Stripe.API_VERSION,
      created: this.seconds(),
      livemode: false,
      pending_webhooks: this.store.webhook_endpoints.list(({ status }) => status === 'enabled').length,
      request: this.#request,
      ...draft,
    };
    this.store.events.put(event);
    this.#emitted.push(event);
  }

  /**
   * Runs one action at one moment, and hands on its events together, even if it ends with an error.
   */
  act<T>(run: () => T, { at, request }: { at?: number; request?: Stripe.Event.Request } = {}): T {
    this.#moment = at ?? this.#clock.now();
    this.#request = request ?? AUTOMATIC;
    try {
      return run();
    } finally {
      this.#moment = null;
      this.#request = AUTOMATIC;
      const events = this.#emitted;
      this.#emitted = [];
      if (events.length > 0) this.#deliver(events);
      this.onAct();
    }
  }
}

/** The id of a field that holds an id or the expanded object. */
export function idOf(reference: string | { id: string }): string {
  return typeof reference === 'string' ? reference : reference.id;
}

/**
 * The fields of `before` that differ in `after`: an event's `previous_attributes`. Whole fields,
 * not their parts.
 */
export function previousAttributes<T extends object>(before: T, after: T): Partial<T> {
  const previous: Partial<T> = {};
  for (const key in before) {
    if (before[key] === after[key]) continue;
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) previous[key] = before[key];
  }
  return previous;
}
