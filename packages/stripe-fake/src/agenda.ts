/** What the fake does by itself, later. Each errand has at most one place in the agenda. */
export const errand_kinds = [
  'checkout_session.expire',
  'payment_intent.settle',
  'refund.fail',
  'invoice.finalize',
  'invoice.retry',
  'subscription.end_of_period',
  'subscription.trial_will_end',
  'subscription.resume_collection',
  'subscription.expire_incomplete',
  'subscription.expire_pending_update',
  'subscription_schedule.advance',
  'delivery.retry',
] as const;

export type ErrandKind = (typeof errand_kinds)[number];

export interface Errand {
  kind: ErrandKind;
  /** Of the object that the errand is about. */
  id: string;
}

interface Entry extends Errand {
  /** Virtual epoch milliseconds. */
  at: number;
}

const keyOf = ({ kind, id }: Errand): string => `${kind}:${id}`;

/**
 * Errands in the order of their time; those of one moment in the order in which they were written
 * down. One whose time has gone by before it is written down (the end of a period in which its
 * subscription was paused) is due at once.
 */
export class Agenda {
  readonly #now: () => number;
  readonly #entries: Entry[] = [];
  readonly #by_key = new Map<string, Entry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  set(kind: ErrandKind, id: string, at: number): void {
    this.clear(kind, id);
    const entry: Entry = { kind, id, at: Math.max(at, this.#now()) };
    this.#entries.splice(this.#placeAfter(entry.at), 0, entry);
    this.#by_key.set(keyOf(entry), entry);
  }

  clear(kind: ErrandKind, id: string): void {
    const key = keyOf({ kind, id });
    const entry = this.#by_key.get(key);
    if (entry === undefined) return;
    this.#by_key.delete(key);
    let index = this.#placeAfter(entry.at) - 1;
    while (this.#entries[index] !== entry) index -= 1;
    this.#entries.splice(index, 1);
  }

  /** The moment of the first errand, or null. */
  nextAt(): number | null {
    return this.#entries[0]?.at ?? null;
  }

  /** The moment of the first errand of one kind whose object is wanted, or null. */
  nextOfKindAt(kind: ErrandKind, isWanted: (id: string) => boolean = () => true): number | null {
    return this.#entries.find((entry) => entry.kind === kind && isWanted(entry.id))?.at ?? null;
  }

  /** All errands, in their order. */
  save(): Entry[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  /** Takes the first errand out when it is due at `now`. */
  takeDue(now: number): Entry | null {
    const first = this.#entries[0];
    if (first === undefined || first.at > now) return null;
    this.#entries.shift();
    this.#by_key.delete(keyOf(first));
    return first;
  }

  /** The index behind the last entry that is not later than `at`. */
  #placeAfter(at: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.at ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
