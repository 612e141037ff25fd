import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from '../../../shared/domain/plan.ts';
import { type State, statesSince, Violation } from './audited.ts';
import type { Answered, Ground } from './ground.ts';
import { features } from './offers.ts';
import { skew_ms } from './refusals.ts';
import { requestEvent, service_claims } from './requests.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;

/**
 * What a service may set for an account: a feature whatever its plan, or what a member may spend.
 */
type Setting =
  | { readonly kind: 'feature'; readonly account_id: string; readonly name: string }
  | { readonly kind: 'cap'; readonly account_id: string; readonly name: string };

/** Of a feature, or of a member; null leaves it to the plan, or takes the cap away. */
type Value =
  | { readonly allowed: boolean; readonly expires_at: number | null }
  | { readonly monthly_credits: number }
  | null;

interface SetValue {
  readonly value: Value;
  readonly asked_at: number;
  /** Null while nobody knows whether it took effect. */
  told_at: number | null;
}

const service_prefix = '/api/accounts/{account_id}';

/**
 * A service that sets features and caps, one after the other, and those who ask for features. What
 * it was told holds; what it was not told of may hold as well as what was set before.
 */
export class Settings {
  readonly #ground: Ground;
  readonly #set = new Map<string, { readonly setting: Setting; readonly values: SetValue[] }>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Sets something for the account, or for one of its members. */
  async act(account_id: string, member: string | null): Promise<void> {
    const { chance, timeline } = this.#ground;
    if (member !== null && chance.is(0.6)) {
      const value = chance.is(0.2) ? null : { monthly_credits: chance.oneOf([0, 20, 60, 200]) };
      return this.#put({ kind: 'cap', account_id, name: member }, value);
    }
    const name = chance.oneOf(features);
    const expires_at = chance.is(0.5) ? timeline.now + chance.between(1, 20 * 24) * hour_ms : null;
    const value = chance.is(0.25) ? null : { allowed: chance.is(0.6), expires_at };
    await this.#put({ kind: 'feature', account_id, name }, value);
    await this.askFor(account_id, name);
    if (value !== null && expires_at !== null) void this.#askAfter(account_id, name, expires_at);
  }

  /** Whether the account has the feature: as its plan and what was set for it say. */
  async askFor(account_id: string, feature: string): Promise<void> {
    const began_at = this.#ground.timeline.now;
    const path = { account_id, feature };
    const event = requestEvent(`GET ${service_prefix}/features/{feature}`, '', {
      headers: {},
      path,
      claims: service_claims,
    });
    this.#ground.tell(`${account_id} asks for the feature ${feature}`);
    await this.#ground.request('access', event, (answer) => {
      this.#ground.tell(`${account_id} is answered ${answer.status} for the feature ${feature}`);
      this.#checkFeature(account_id, feature, answer, began_at);
    });
  }

  /** Without faults: everything that was set, in the state that the accounts have come to. */
  async compare(): Promise<void> {
    for (const { setting, values } of this.#set.values()) {
      const { account_id, name, kind } = setting;
      if (kind === 'feature') await this.askFor(account_id, name);
      else this.#checkHeld(setting, possibleIn(values, this.#ground.timeline.now), this.#ground.timeline.now);
    }
  }

  async #askAfter(account_id: string, feature: string, expires_at: number): Promise<void> {
    await this.#ground.timeline.wait(expires_at - this.#ground.timeline.now + skew_ms + minute_ms);
    await this.askFor(account_id, feature);
  }

  async #put(setting: Setting, value: Value): Promise<void> {
    const { timeline, chance } = this.#ground;
    const set: SetValue = { value, asked_at: timeline.now, told_at: null };
    this.#valuesOf(setting).push(set);
    for (let tries = 0; tries < 4 && set.told_at === null; tries += 1) {
      const began_at = timeline.now;
      this.#ground.tell(`${keyOf(setting)} is to be ${JSON.stringify(value)}`);
      await this.#ground.request(apiOf(setting), toEvent(setting, value), (answer) => {
        this.#ground.tell(`${keyOf(setting)}: ${answer.status}`);
        this.#ground.checkNoFailure(keyOf(setting), answer);
        if (answer.status !== 200) return;
        set.told_at ??= timeline.now;
        this.#checkHeld(setting, [value], began_at);
      });
      await timeline.wait(chance.between(1, 2_000));
    }
    // What was sent and not answered may still take effect; not after so long.
    await timeline.wait(5 * minute_ms);
  }

  /** I4: one of the values was there at some time since then. */
  #checkHeld(setting: Setting, values: readonly Value[], began_at: number): void {
    const audited = this.#ground.auditor.of(setting.account_id);
    const states = statesSince(audited, began_at) ?? audited.states;
    if (!states.some((state) => values.some((value) => isDeepStrictEqual(heldIn(state, setting), value)))) {
      const held = states.map((state) => JSON.stringify(heldIn(state, setting))).join(', ');
      throw new Violation('I4', `${keyOf(setting)} is ${held || 'nothing'}, told was ${JSON.stringify(values)}`);
    }
  }

  #checkFeature(account_id: string, feature: string, answer: Answered, began_at: number): void {
    const { auditor, timeline } = this.#ground;
    this.#ground.checkNoFailure(feature, answer);
    if (answer.status !== 200 && answer.status !== 403) return;
    const audited = auditor.of(account_id);
    const states = statesSince(audited, began_at) ?? [null, ...audited.states];
    const values = this.#valuesOf({ kind: 'feature', account_id, name: feature });
    const possible = [began_at - skew_ms, timeline.now + skew_ms].flatMap((at) =>
      states.flatMap((state) =>
        possibleIn(values, began_at).map((value) => mayUse(state, value, feature, auditor.catalog, at)),
      ),
    );
    if (!possible.includes(answer.status === 200)) {
      throw new Violation('I7', `${account_id} was answered ${answer.status} for the feature ${feature}`);
    }
  }

  #valuesOf(setting: Setting): SetValue[] {
    const key = keyOf(setting);
    const known = this.#set.get(key);
    if (known !== undefined) return known.values;
    const values: SetValue[] = [];
    this.#set.set(key, { setting, values });
    return values;
  }
}

/**
 * What may have held at some time since then: the last that was told of before, and everything
 * after it.
 */
function possibleIn(values: readonly SetValue[], since: number): Value[] {
  const last = values.findLastIndex(({ told_at }) => told_at !== null && told_at < since);
  const before = last === -1 ? [null] : [];
  return [...before, ...values.slice(Math.max(0, last)).map(({ value }) => value)];
}

/** What the plan says, unless something else is set that has not expired. */
function mayUse(state: State | null, value: Value, feature: string, catalog: Catalog, at: number): boolean {
  if (value !== null && 'allowed' in value && (value.expires_at === null || at < value.expires_at)) {
    return value.allowed;
  }
  const { subscription = null } = state?.account ?? {};
  const is_live = subscription !== null && ['active', 'trialing', 'past_due'].includes(subscription.status);
  const paid_through = is_live ? (subscription.paid?.through ?? null) : null;
  const has_plan = paid_through !== null && at < paid_through + catalog.policies.past_due_grace_ms;
  const plan = has_plan ? subscription?.plan : catalog.free_plan;
  const features_of_plan = catalog.plans.find(({ id }) => id === plan)?.features ?? [];
  return features_of_plan.includes('*') || features_of_plan.includes(feature);
}

function heldIn({ account, members }: State, { kind, name }: Setting): Value {
  if (kind === 'cap') {
    const monthly_credits = members.get(name)?.monthly_credits ?? null;
    return monthly_credits === null ? null : { monthly_credits };
  }
  const override = account.overrides.find((one) => one.feature === name);
  return override === undefined ? null : { allowed: override.allowed, expires_at: override.expires_at };
}

function keyOf({ account_id, kind, name }: Setting): string {
  return `${kind} ${name} of ${account_id}`;
}

function apiOf({ kind }: Setting): 'access' | 'credits' {
  return kind === 'feature' ? 'access' : 'credits';
}

function toEvent({ kind, account_id, name }: Setting, value: Value) {
  const [route, path] =
    kind === 'feature'
      ? [`${service_prefix}/features/{feature}`, { account_id, feature: name }]
      : [`${service_prefix}/members/{member}/cap`, { account_id, member: name }];
  return requestEvent(
    `${value === null ? 'DELETE' : 'PUT'} ${route}`,
    value === null ? '' : JSON.stringify(toBody(value)),
    {
      headers: {},
      path,
      claims: service_claims,
    },
  );
}

function toBody(value: NonNullable<Value>): object {
  if ('monthly_credits' in value) return value;
  const { allowed, expires_at } = value;
  return { allowed, ...(expires_at === null ? {} : { expires_at: new Date(expires_at).toISOString() }) };
}
