import type { ApiEvent } from '../../../shared/api/http.ts';
import { toSpacedKey } from '../../../shared/api/key-space.ts';
import { holdIdOf } from '../../../shared/domain/account/hold.ts';
import type { Chance } from './chance.ts';
import { features } from './offers.ts';
import { requestEvent, service_claims } from './requests.ts';

/** A request as somebody means it: however often it is sent, with one key. */
export interface Command {
  readonly account_id: string;
  /** The person who asks, or for whom a service does. */
  readonly member: string;
  /** Whether the person spends with a token of the own; a service where not. */
  readonly by_user: boolean;
  /** The id of the entry that its success writes, or of the answer that it keeps. */
  readonly entry_id: string;
  /** What that entry moves. */
  readonly amount: number;
  /** What it needs of the account's credits. */
  readonly needs: number;
  /** The feature that it uses, or will use. */
  readonly feature: string | null;
  /** How many uses of the feature it counts. */
  readonly uses: number;
  /** It is about something of another account, and must not succeed. */
  readonly is_foreign: boolean;
  readonly route: string;
  readonly path: Readonly<Record<string, string>>;
  readonly body: object;
  readonly key: string;
  /** What of an answer, or of the entry that it tells of, has to be the same every time. */
  readonly lineOf: (told: Readonly<Record<string, unknown>>) => string;
}

/** Who means something, and by which key it is known. */
export type Meant = Pick<Command, 'account_id' | 'member' | 'by_user' | 'key'>;

const service_prefix = '/api/accounts/{account_id}';

const transactionLine: Command['lineOf'] = ({ account_id, entry_id, amount }) =>
  `${String(account_id)}: ${String(entry_id)} of ${String(amount)}`;

const plain = { amount: 0, needs: 0, feature: null, uses: 0, is_foreign: false, lineOf: transactionLine } as const;

/** The form of a route that spends: the user's, or the one for services. */
function spending({ account_id, by_user }: Meant, path: string): Pick<Command, 'route' | 'path'> {
  return by_user
    ? { route: `POST /api${path}`, path: {} }
    : { route: `POST ${service_prefix}${path}`, path: { account_id } };
}

/** The key in the key space of who sends it. */
function spaced({ member, by_user, key }: Meant): string {
  return toSpacedKey(by_user ? member : null, key);
}

function featureIn(feature: string | null): { feature?: string } {
  return feature === null ? {} : { feature };
}

export function deduction(meant: Meant, amount: number, feature: string | null): Command {
  return {
    ...plain,
    ...meant,
    ...spending(meant, '/credits/deduct'),
    amount: -amount,
    needs: amount,
    feature,
    uses: feature === null ? 0 : 1,
    entry_id: `use:${spaced(meant)}`,
    body: { amount, description: 'a draft', ...featureIn(feature) },
  };
}

/**
 * Deductions of one account in one request, each known by its own key; the request has none, so
 * that a refusal is not kept.
 */
export function batch(deductions: readonly Command[]): Command {
  const [{ account_id } = { account_id: '' }] = deductions;
  const items = deductions.map(({ key, body }) => ({ key, ...body }));
  return {
    ...deduction({ account_id, member: '', by_user: false, key: '' }, 0, null),
    path: { account_id },
    route: `POST ${service_prefix}/credits/deduct-batch`,
    body: { items },
  };
}

function grant(meant: Meant, amount: number, expires_at: number | null): Command {
  const more = expires_at === null ? {} : { expires_at: new Date(expires_at).toISOString() };
  return {
    ...plain,
    ...meant,
    path: { account_id: meant.account_id },
    amount,
    entry_id: `grant:${meant.key}`,
    route: `POST ${service_prefix}/credits/grants`,
    body: { amount, description: 'a gift', ...more },
  };
}

function refund(meant: Meant, entry_id: string, amount: number): Command {
  return {
    ...plain,
    ...meant,
    path: { account_id: meant.account_id },
    amount,
    entry_id: `refund:${meant.key}`,
    route: `POST ${service_prefix}/credits/refunds`,
    body: { entry_id, amount },
  };
}

function hold(meant: Meant, amount: number, expires_in: number, feature: string | null): Command {
  return {
    ...plain,
    ...meant,
    ...spending(meant, '/credits/holds'),
    needs: amount,
    feature,
    entry_id: `hold:${holdIdOf(meant.account_id, spaced(meant))}`,
    body: { amount, description: 'a film', expires_in, ...featureIn(feature) },
    lineOf: ({ hold_id }) => `${String(hold_id)}`,
  };
}

function settlement(meant: Meant, held: Command, amount: number): Command {
  const hold_id = held.entry_id.slice('hold:'.length);
  const { route, path } = spending(meant, '/credits/holds/{hold_id}/settle');
  return {
    ...plain,
    ...meant,
    route,
    path: { ...path, hold_id },
    amount: -amount,
    feature: held.feature,
    uses: held.feature === null || amount === 0 ? 0 : 1,
    entry_id: `settle:${hold_id}`,
    body: { amount },
  };
}

function release(meant: Meant, held: Command): Command {
  const hold_id = held.entry_id.slice('hold:'.length);
  const { route, path } = spending(meant, '/credits/holds/{hold_id}/release');
  return {
    ...plain,
    ...meant,
    route,
    path: { ...path, hold_id },
    entry_id: `release:${hold_id}`,
    body: {},
    lineOf: ({ hold_id, status }) => `${String(hold_id)} ${String(status)}`,
  };
}

function use(meant: Meant, feature: string, count: number): Command {
  return {
    ...plain,
    ...meant,
    ...spending(meant, '/usage'),
    feature,
    uses: count,
    entry_id: `usage:${spaced(meant)}`,
    body: { feature, count },
    lineOf: ({ feature, date, count }) => `${String(feature)} on ${String(date)}: ${String(count)}`,
  };
}

const day_ms = 86_400_000;

/** What was meant before. */
export interface Known {
  /** Of the same account. */
  readonly own: readonly Command[];
  readonly of_others: readonly Command[];
}

/** Something that may be meant after what is known. */
export function commandAt(now: number, chance: Chance, meant: Meant, { own, of_others }: Known): Command {
  const any = <T>(list: readonly T[]) => list[chance.between(0, Math.max(0, list.length - 1))];
  const charge = any(own.filter(({ entry_id }) => entry_id.startsWith('use:')));
  const held = any(own.filter(({ entry_id }) => entry_id.startsWith('hold:')));
  const feature = chance.is(0.4) ? chance.oneOf(features) : null;
  const kind = chance.random();
  if (kind < 0.03) return foreignCommand(chance, meant, any(of_others)) ?? use(meant, 'exports', 1);
  if (kind < 0.1)
    return grant(meant, chance.between(1, 60), chance.is(0.5) ? now + chance.between(1, 40) * day_ms : null);
  if (kind < 0.22 && charge !== undefined) return refund(meant, charge.entry_id, chance.between(1, charge.needs));
  if (kind < 0.3 && charge !== undefined) return charge;
  if (kind < 0.4) return hold(meant, chance.between(1, 30), chance.oneOf([60, 3_600, 86_400]), feature);
  if (kind < 0.5 && held !== undefined) {
    const settled = settlement(meant, held, chance.between(0, held.needs));
    const closed = own.find(({ entry_id }) => entry_id === settled.entry_id);
    return chance.is(0.7) ? (closed ?? settled) : release(meant, held);
  }
  if (kind < 0.58) return use(meant, feature ?? 'exports', chance.between(1, 3));
  return deduction(meant, chance.is(0.2) ? chance.between(60, 120) : chance.between(1, 30), feature);
}

/** Somebody else's hold or charge, asked for on one's own account. */
function foreignCommand(chance: Chance, meant: Meant, other: Command | undefined): Command | null {
  if (other?.entry_id.startsWith('use:')) return { ...refund(meant, other.entry_id, 1), is_foreign: true };
  if (!other?.entry_id.startsWith('hold:')) return null;
  return { ...(chance.is(0.5) ? settlement(meant, other, 0) : release(meant, other)), is_foreign: true };
}

/** The request of a command: the claim of a user's token that it names is the account. */
export function eventOf({ account_id, member, route, path, body, key }: Command, claim: string): ApiEvent {
  return requestEvent(route, JSON.stringify(body), {
    headers: key === '' ? {} : { 'idempotency-key': key },
    path,
    claims: 'account_id' in path ? service_claims : { sub: member, [claim]: account_id },
  });
}
