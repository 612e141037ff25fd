import {
  type Answer,
  answerCall,
  answerPage,
  doErrand,
  Idempotency,
  NO_FAULTS,
  seedWorld,
  World,
} from '@billing-credits/stripe-fake/in-process';
import Stripe from 'stripe';
import { seedOf } from '../../../local/stripe-sync/seed.ts';
import { wantedProducts } from '../../../local/stripe-sync/wanted.ts';
import type { BillingConfig } from '../../../shared/config/billing-config.ts';
import type { Chance } from './chance.ts';
import type { Faults } from './faults.ts';
import type { Timeline } from './timeline.ts';

interface Surroundings {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly config: BillingConfig;
  /** Takes every event, in the order in which they happened. */
  readonly tell: (event: Stripe.Event) => void;
}

/** Stripe on the timeline: the fake's one account, its pages and its API, without a network. */
export class SimulatedStripe {
  readonly world: World;
  readonly #timeline: Timeline;
  readonly #idempotency = new Idempotency();
  readonly #clock: { now: () => number };
  #armed_for = Number.POSITIVE_INFINITY;

  constructor({ timeline, chance, config, tell }: Surroundings) {
    this.#timeline = timeline;
    this.#clock = { now: () => timeline.now };
    this.world = new World({
      clock: this.#clock,
      random: chance.random,
      deliver: (events) => events.forEach(tell),
    });
    this.world.url = 'http://stripe.example';
    seedWorld(this.world, seedOf(wantedProducts(config)));
    this.world.onAct = () => this.#arm();
  }

  /** What the API answers to a call, by its method, path with query, headers and form. */
  async answer(method: string, target: string, headers: Record<string, string>, body: string): Promise<Answer> {
    const [path = '/', query = ''] = target.split('?', 2);
    const options = { world: this.world, clock: this.#clock, faults: { ...NO_FAULTS }, latency_ms: 0 };
    const form = method === 'POST' ? body : query;
    return answerCall(options, this.#idempotency, {
      method,
      path,
      form,
      headers,
      request_id: this.world.id('req_', 14),
    });
  }

  /** What a seller does in the Dashboard. A refusal is an answer too. */
  async sell(method: string, path: string, params: Record<string, string> = {}): Promise<void> {
    await this.answer(method, path, { authorization: 'Bearer sk_test_sim' }, new URLSearchParams(params).toString());
  }

  /** What a customer submits on one of Stripe's pages. */
  async browse(url: string, form: Record<string, string>): Promise<void> {
    const options = { world: this.world, settled: () => Promise.resolve() };
    await answerPage(options, 'POST', new URL(url).pathname, form);
  }

  /**
   * The client of one process: calls are late, lost, refused, answered by 500 or by silence, before
   * they take effect or after.
   */
  client(process: {
    readonly faults: Faults;
    readonly isAlive: () => boolean;
    readonly kill: () => void;
    readonly chance: Chance;
  }) {
    return new SimulatedClient(this, this.#timeline, process);
  }

  #arm(): void {
    const next = this.world.agenda.nextAt();
    if (next === null || next >= this.#armed_for) return;
    this.#armed_for = next;
    this.#timeline.after(next - this.#timeline.now, () => {
      this.#armed_for = Number.POSITIVE_INFINITY;
      const { agenda } = this.world;
      const errand = agenda.takeDue(this.#timeline.now);
      if (errand !== null) this.world.act(() => doErrand(this.world, errand), { at: errand.at });
      this.#arm();
    });
  }
}

type Caller = Parameters<SimulatedStripe['client']>[0];

class SimulatedClient extends Stripe.HttpClient {
  readonly #stripe: SimulatedStripe;
  readonly #timeline: Timeline;
  readonly #caller: Caller;

  constructor(stripe: SimulatedStripe, timeline: Timeline, caller: Caller) {
    super();
    this.#stripe = stripe;
    this.#timeline = timeline;
    this.#caller = caller;
  }

  override getClientName(): string {
    return 'sim';
  }

  override makeRequest(
    _host: string,
    _port: string,
    path: string,
    method: string,
    headers: object,
    body: string,
    _protocol: string,
    timeout_ms: number,
  ): Promise<InstanceType<typeof Stripe.HttpClientResponse>> {
    const { chance, faults, isAlive, kill } = this.#caller;
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    return new Promise((resolve, reject) => {
      if (!isAlive()) return;
      const after = (ms: number, settle: () => void) => this.#timeline.after(ms, () => isAlive() && settle());
      const time_out = () => after(timeout_ms, () => reject(Stripe.HttpClient.makeTimeoutError()));
      this.#timeline.after(chance.between(10, 200), () => {
        if (faults.strikes('killed')) kill();
        if (faults.strikes('lost')) return time_out();
        const refused = faults.strikes('throttled') ? 429 : faults.strikes('failing', 0.5) ? 500 : null;
        if (refused !== null) return after(20, () => resolve(new SimulatedResponse(refused, failure)));
        const [is_unanswered, fails_after] = [faults.strikes('unanswered'), faults.strikes('failing', 0.5)];
        const latency_ms = chance.between(10, 400);
        this.#stripe.answer(method, path, sent, body).then((answer) => {
          if (is_unanswered) return time_out();
          after(latency_ms, () =>
            resolve(
              fails_after ? new SimulatedResponse(500, failure) : new SimulatedResponse(answer.status, answer.body),
            ),
          );
        }, reject);
      });
    });
  }
}

const failure = JSON.stringify({ error: { type: 'api_error', message: 'An unknown error occurred.' } });

class SimulatedResponse extends Stripe.HttpClientResponse {
  readonly #body: string;

  constructor(status: number, body: string) {
    super(status, { 'request-id': 'req_sim' });
    this.#body = body;
  }

  /** The SDK writes on it. */
  override getRawResponse(): object {
    return {};
  }

  override toStream(): never {
    throw new Error('nobody reads Stripe as a stream');
  }

  override async toJSON(): Promise<unknown> {
    return JSON.parse(this.#body);
  }
}
