import * as z from 'zod';
import type { Ask, Step } from './asks.ts';
import { type Caller, Callers, type Cast } from './callers.ts';
import { toCanary } from './canary.ts';
import { type Met, type Operation, operationAt } from './document.ts';
import type { Knowledge } from './knowledge.ts';
import { type FindValue, fillIn, fillInJson } from './marker.ts';
import { opening } from './opening.ts';
import { type Exchange, properties } from './properties.ts';
import { SeenValues } from './seen-values.ts';
import type { Tally } from './tally.ts';
import { Violation } from './violation.ts';
import type { Api, WireAnswer, WireRequest } from './wire.ts';

export interface StageOptions {
  readonly api: Api;
  readonly operations: readonly Operation[];
  readonly tally: Tally;
  readonly knowledge: Knowledge;
  /** Lower-case letters and digits that no other stage on this database has. */
  readonly name: string;
}

/** Two accounts that nobody else knows, and what is done to them. */
export class Stage {
  readonly #options: StageOptions;
  readonly #owners: ReadonlyMap<string, string>;
  readonly #cast: Cast;
  readonly #callers: Callers;
  readonly #seen = new SeenValues();
  /** Of those who have called so far: of what is logged late it is not known whose it is. */
  readonly #tokens = new Set<string>();

  constructor(options: StageOptions) {
    this.#options = options;
    const { name, api } = options;
    const a = toCanary(`${name}a`, 'account');
    const b = toCanary(`${name}b`, 'account');
    this.#owners = new Map([
      [a, `${name}a`],
      [b, `${name}b`],
    ]);
    const is_sub = api.account_claim === 'sub';
    this.#cast = {
      a,
      b,
      ann: is_sub ? a : toCanary(`${name}a`, 'subject'),
      ben: is_sub ? a : toCanary(`${name}a`, 'member'),
    };
    this.#callers = new Callers(api, this.#cast);
    for (const [account_id, owner] of this.#owners) {
      this.#seen.add('account_id', account_id, owner);
      this.#seen.add('member', toCanary(owner, 'member'), owner);
      this.#seen.add('key', toCanary(owner, 'key'), owner);
    }
    this.#seen.add('member', this.#cast.ann, `${name}a`);
  }

  /** Gives both accounts what the other one must not see. */
  async open(): Promise<void> {
    for (const ask of opening(this.#owners)) {
      const answer = await this.#ask(ask);
      if (answer.status >= 300)
        throw new Error(`${ask.method} ${ask.target} in the opening: ${answer.status} ${answer.text}`);
    }
  }

  async play(step: Step): Promise<void> {
    const { api } = this.#options;
    if ('wait_ms' in step) await api.wait(step.wait_ms);
    else if ('pay' in step) await api.pay(this.#seen.find('session_id', step.pay, null));
    else await this.#ask(step);
  }

  /** Throws unless both ledgers verify and their entries add up to the balance. */
  async close(): Promise<void> {
    for (const account_id of this.#owners.keys()) {
      const verified = verified_schema.parse(JSON.parse((await this.#read(account_id, 'verify')).text));
      if (!verified.ok) throw new Violation('a ledger that verifies', JSON.stringify(verified));
      const sum = await this.#sumOf(account_id);
      if (sum.credits !== verified.balance || sum.entries !== verified.entries) {
        throw new Violation('a ledger that verifies', `${JSON.stringify(sum)} are listed, ${JSON.stringify(verified)}`);
      }
    }
  }

  async #sumOf(account_id: string): Promise<{ entries: number; credits: number }> {
    const sum = { entries: 0, credits: 0 };
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { text } = await this.#read(account_id, `credits/transactions?limit=100${query}`);
      const page = page_schema.parse(JSON.parse(text));
      sum.entries += page.data.length;
      sum.credits += page.data.reduce((credits, { amount }) => credits + amount, 0);
      cursor = page.next_cursor;
    }
    return sum;
  }

  #read(account_id: string, path: string): Promise<WireAnswer> {
    const target = `/api/accounts/${account_id}/${path}`;
    return this.#ask({ caller: 'service', method: 'GET', target, headers: [], body: null });
  }

  async #ask(ask: Ask): Promise<WireAnswer> {
    const { api, operations, tally, knowledge } = this.#options;
    const caller = await this.#callers.get(ask.caller);
    const owner = this.#ownerOf(ask, caller);
    const request = await this.#toRequest(ask, caller, owner);
    const said = sentText(request);
    knowledge.bring(owner, `${caller.account_id}\n${said}`);
    for (const token of tokensOf(caller)) this.#tokens.add(token);
    const answer = await api.send(request);
    const met = answer.is_unread ? undefined : operationAt(operations, request.method, pathOf(request.target));
    tally.count(met?.operation, answer);
    this.#judge({
      request,
      answer,
      met,
      log: api.takeLog(),
      secrets: [...api.secrets, ...this.#tokens],
      // Operators see all accounts.
      foreignIn: (text) => (isOperators(met) && answer.status < 300 ? [] : knowledge.foreignIn(owner, text)),
    });
    if (answer.status < 300) {
      knowledge.learn(owner, answer.text);
      this.#seen.readAnswer(answer.text, owner);
    }
    return answer;
  }

  #judge(exchange: Exchange): void {
    for (const [name, property] of namedProperties) {
      const why = property(exchange);
      if (why !== null) throw new Violation(name, why, exchange);
    }
  }

  /** Of the account that the request is about: that of its path, else its caller's. */
  #ownerOf({ method, target }: Ask, { account_id }: Caller): string {
    const named = operationAt(this.#options.operations, method, pathOf(this.#fillTarget(target, null)))?.path
      .account_id;
    const about = named === undefined ? account_id : decoded(named);
    return this.#owners.get(about ?? '') ?? `account ${about}`;
  }

  #fillTarget(target: string, owner: string | null): string {
    const find: FindValue = (name, place) => this.#seen.find(name, place, name === 'account_id' ? null : owner);
    return onTheWire(fillIn(target, find, encodeURIComponent)).replace(/[\0-\x20\x7f]/g, encodeURIComponent);
  }

  async #toRequest(ask: Ask, caller: Caller, owner: string): Promise<WireRequest> {
    const find: FindValue = (name, place) => this.#seen.find(name, place, owner);
    const body = toBytes(ask.body, find);
    const signature = ask.headers.some(([, value]) => value.includes('«Stripe-Signature:'))
      ? await this.#options.api.sign(body)
      : '';
    const headers = ask.headers.map(
      ([name, value]) =>
        [
          name,
          onTheWire(
            fillIn(value, (known, place) => (known === 'Stripe-Signature' ? signature : find(known, place)), same),
          ).replace(/[^\t\x20-\xff]/g, ''),
        ] as const,
    );
    const target = this.#fillTarget(ask.target, owner);
    const authorization = caller.authorization === null ? [] : [['Authorization', caller.authorization] as const];
    return { method: ask.method, target, headers: [...authorization, ...headers], body };
  }
}

const verified_schema = z.object({ ok: z.boolean(), entries: z.int(), balance: z.int() });
const page_schema = z.object({ data: z.array(z.object({ amount: z.int() })), next_cursor: z.string().nullable() });

const namedProperties = Object.entries(properties).flatMap(([name, property]) =>
  isPropertyName(name) ? [[name, property] as const] : [],
);

function isPropertyName(name: string): name is keyof typeof properties {
  return Object.hasOwn(properties, name);
}

function pathOf(target: string): string {
  return target.split('?')[0] ?? '';
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

function isOperators(met: Met | undefined): boolean {
  return met !== undefined && met.operation.caller === 'service' && met.path.account_id === undefined;
}

function tokensOf({ authorization }: Caller): string[] {
  if (authorization === null) return [];
  const token = authorization.replace(/^Bearer /, '');
  const signature = token.split('.')[2] ?? '';
  return signature === '' ? [token] : [token, signature];
}

function toBytes(body: Ask['body'], find: FindValue): Buffer {
  if (body === null) return Buffer.alloc(0);
  return typeof body === 'string' ? Buffer.from(fillInJson(body, find)) : Buffer.from(body.hex, 'hex');
}

const same = (text: string) => text;

/** One character per byte of its UTF-8. */
function onTheWire(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** All that the caller has said, also as it is meant. */
function sentText({ target, headers, body }: WireRequest): string {
  const meant = target.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
  );
  return [target, meant, ...headers.filter(([name]) => name !== 'Authorization').flat(), body.toString()].join('\n');
}
