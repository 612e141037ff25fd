import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { DevSystem } from './dev-system.ts';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Byte for byte. */
  readonly text: string;
  /** The members of a JSON object; none when it is something else. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly token?: string;
  readonly body?: unknown;
  readonly raw_body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** A caller of the API over HTTP, as its users are. */
export class Client {
  readonly #system: Pick<DevSystem, 'url'>;

  constructor(system: Pick<DevSystem, 'url'>) {
    this.#system = system;
  }

  async call(method: string, path: string, { token, body, raw_body, headers = {} }: Call = {}): Promise<Answer> {
    const payload = raw_body ?? (body === undefined ? null : JSON.stringify(body));
    const response = await fetch(`${this.#system.url}${path}`, {
      method,
      body: payload,
      headers: {
        ...(payload === null ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  get(path: string, token?: string): Promise<Answer> {
    return this.call('GET', path, token === undefined ? {} : { token });
  }

  post(path: string, body: unknown, token?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call('POST', path, { body, headers, ...(token === undefined ? {} : { token }) });
  }

  async token(account_id: string, more: Record<string, unknown> = {}): Promise<string> {
    const { body } = await this.post('/_local/token', { account_id, ...more });
    return String(body.token);
  }

  async serviceToken(): Promise<string> {
    return this.token('svc_tests', { scope: 'billing:service' });
  }

  /** Spends the account's credits, as the app's backend does. */
  async deduct(account_id: string, amount: number, description = 'x'): Promise<Answer> {
    const path = `/api/accounts/${account_id}/credits/deduct`;
    return this.post(path, { amount, description }, await this.serviceToken());
  }

  async idle(): Promise<void> {
    await this.post('/_local/idle', {});
  }

  /** What the local clock says. */
  async now(): Promise<string> {
    return String((await this.get('/_local/clock')).body.now);
  }

  async advance(duration: string): Promise<string> {
    const { body } = await this.post('/_local/clock', { advance: duration });
    return String(body.now);
  }

  /**
   * Buys the plan as the customer does: checkout, payment, and all that follows. Answers the
   * session's id.
   */
  async buy(plan: string, token: string, card = 'success'): Promise<string> {
    const { body } = await this.post('/api/billing/checkout', { plan }, token);
    await this.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, { card });
    await this.idle();
    return String(body.session_id);
  }
}

export function freshUser(): string {
  return `user_${randomUUID()}`;
}

const members = z.record(z.string(), z.unknown()).catch({});

function parsed(text: string): Record<string, unknown> {
  try {
    return members.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
