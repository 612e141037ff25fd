import type { Server } from 'node:http';
import { payCheckout } from './actions/pay-checkout.ts';
import { nextRenewal, type Renewal } from './actions/renew-subscription.ts';
import { replaceCard } from './actions/replace-card.ts';
import { Idempotency } from './api/idempotency.ts';
import { createStripeServer } from './api/server.ts';
import type { Card } from './cards.ts';
import { doErrand } from './do-errand.ts';
import { closeDispute, openDispute } from './objects/disputes.ts';
import { addWebhookEndpoint } from './objects/webhook-endpoints.ts';
import { restoreFake, type SavedFake, saveFake } from './saved.ts';
import { type Seed, seedWorld } from './seed.ts';
import { Deliveries } from './webhooks/deliveries.ts';
import { type Faults, NO_FAULTS } from './webhooks/faults.ts';
import { type Clock, World } from './world.ts';

export type { Faults } from './webhooks/faults.ts';
export type { Clock } from './world.ts';

export interface FakeStripeOptions {
  clock: Clock;
  /** 0 for any free port. */
  port: number;
  /** Null: an account in which nothing was ever set up. */
  seed: Seed | null;
  /**
   * Where events go: these, or all. While a secret is being rotated, `secrets` are the older ones
   * that still sign.
   */
  webhook: { url: string; secret: string; secrets?: string[]; events?: readonly string[] } | null;
  /** Numbers in [0, 1) for ids and for shuffling; give a seeded one to make a run reproducible. */
  random?: () => number;
  /**
   * The account's setting: what becomes of a subscription whose last attempt has failed
   * (`canceled`).
   */
  after_dunning?: 'canceled' | 'unpaid';
  /** How long each API call takes, in real milliseconds. */
  latency_ms?: number;
  /**
   * How many webhooks are under way at a time (4). One at a time, they come in the order in which
   * they are sent.
   */
  concurrent_deliveries?: number;
}

export interface FakeStripe {
  readonly url: string;
  readonly port: number;
  /** How it misbehaves at the moment. */
  readonly faults: Readonly<Faults>;
  /** The next moment (virtual epoch ms) at which something happens by itself, or null. */
  nextDueAt(): number | null;
  /** The renewal that is charged next, or null. One that is due waits an hour for its charge. */
  nextRenewal(): Renewal | null;
  /** Does everything that is due by now, in the order of time, each at its own moment. */
  runDue(): Promise<void>;
  /**
   * Resolves when no delivery is in flight and none is due within the next 10 virtual seconds. It
   * does not move the clock: with a clock that stands still, a delivery that failed a moment ago
   * keeps it waiting.
   */
  settled(): Promise<void>;
  /**
   * What a customer does on the checkout page; the session's status afterwards (`open` after a
   * decline). Like the next four it throws StripeApiError, `resource_missing` for an unknown id.
   */
  paySession(session_id: string, card: Card): Promise<{ status: string }>;
  /** Replaces all faults; what is left out is off. */
  setFaults(faults: Partial<Faults>): void;
  /** The customer's saved card from now on. */
  setCard(customer_id: string, card: Card): void;
  /** The bank takes a payment back. */
  openDispute(payment_intent_id: string): { id: string };
  /** The bank decides. */
  closeDispute(dispute_id: string, status: 'won' | 'lost'): { id: string };
  /** Grows with everything that happens. */
  readonly revision: number;
  /** Everything that it knows, for `restore`; JSON can hold it. */
  save(): SavedFake;
  /** Goes on where the fake was that gave this. What the seed has made stays as it is. */
  restore(saved: unknown): void;
  close(): Promise<void>;
}

/** Longest time that a Node timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MIN_TIMER_MS = 10;

/** Starts the fake on 127.0.0.1. */
export async function startFakeStripe(options: FakeStripeOptions): Promise<FakeStripe> {
  const { clock, random = Math.random, after_dunning = 'canceled' } = options;
  const faults: Faults = { ...NO_FAULTS };
  const world = new World({ clock, random, after_dunning, deliver: (events) => deliveries.send(events) });
  const deliveries = new Deliveries({
    world,
    clock,
    faults,
    concurrency: options.concurrent_deliveries ?? 4,
    onRetry: () => arm(),
  });
  const settled = () => deliveries.settled();
  const idempotency = new Idempotency();
  const latency_ms = options.latency_ms ?? 0;
  const server = createStripeServer({ world, clock, faults, latency_ms, settled, idempotency });
  const port = await listen(server, options.port);
  world.url = `http://127.0.0.1:${port}`;
  if (options.seed !== null) seedWorld(world, options.seed);
  if (options.webhook !== null) {
    const { url, secret, secrets = [], events = ['*'] } = options.webhook;
    const details = { url, enabled_events: [...events], description: 'local', metadata: {} };
    addWebhookEndpoint(world, { ...details, id: 'we_1local', secrets: [secret, ...secrets] });
  }

  let timer: NodeJS.Timeout | undefined;
  /**
   * Real time passes too: whatever falls due while nobody advances the clock is done by a timer.
   */
  function arm(): void {
    clearTimeout(timer);
    const next = world.agenda.nextAt();
    if (next === null) return;
    const wait_ms = Math.min(Math.max(next - clock.now(), MIN_TIMER_MS), MAX_TIMER_MS);
    timer = setTimeout(runDue, wait_ms).unref();
  }
  function runDue(): void {
    for (let errand = world.agenda.takeDue(clock.now()); errand; errand = world.agenda.takeDue(clock.now())) {
      const { kind, id, at } = errand;
      if (kind === 'delivery.retry') deliveries.retry(id);
      else world.act(() => doErrand(world, { kind, id }), { at });
    }
    arm();
  }
  let revision = 0;
  world.onAct = () => {
    revision += 1;
    arm();
  };

  return {
    url: world.url,
    port,
    faults,
    nextDueAt: () => world.agenda.nextAt(),
    nextRenewal: () => nextRenewal(world),
    runDue: async () => runDue(),
    settled,
    paySession: async (session_id, card) => {
      const session = world.store.checkout_sessions.require(session_id);
      const paid = world.act(() => payCheckout(world, session, { card }));
      return { status: paid.status ?? 'open' };
    },
    setFaults: (wanted) => {
      Object.assign(faults, NO_FAULTS, wanted);
    },
    setCard: (customer_id, card) => {
      world.act(() => replaceCard(world, customer_id, card));
    },
    openDispute: (id) => {
      const dispute = world.act(() => openDispute(world, world.store.payment_intents.require(id)));
      return { id: dispute.id };
    },
    closeDispute: (id, status) => {
      const dispute = world.act(() => closeDispute(world, world.store.disputes.require(id), status));
      return { id: dispute.id };
    },
    get revision() {
      return revision;
    },
    save: () => saveFake({ world, deliveries, idempotency }),
    restore: (saved) => {
      restoreFake({ world, deliveries, idempotency }, saved);
      arm();
    },
    close: async () => {
      clearTimeout(timer);
      deliveries.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The port that was taken. */
async function listen(server: Server, wanted: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The fake of Stripe does not listen on a port.');
  return address.port;
}
