import type { Instant, Milliseconds } from '../../shared/domain/units.ts';
import { errorFacts, logger } from '../../shared/observability.ts';
import { isUncertain } from '../../shared/store/faults.ts';
import { getReconciliation, putReconciliation, type Reconciliation } from '../../shared/store/reconciliation.ts';
import { unknownEvents } from '../../shared/store/stripe-events.ts';
import type { StripeList } from '../../shared/stripe/stripe-list.ts';
import type { StripeLists } from '../../shared/stripe/stripe-lists.ts';
import * as z from '../../shared/zod.ts';
import { type EventQueue, toEventMessage } from '../event-queue.ts';
import { inParallel } from '../in-parallel.ts';
import type { GoOnMessage, ReconciliationMessage } from '../reconciliation-queue.ts';
import { type CompareDeps, compareObject, type Found, type News } from './compare-object.ts';
import { planRun } from './plan-run.ts';
import type { NextCall } from './rate-limit.ts';

export interface ReconciliationDeps extends CompareDeps {
  readonly lists: StripeLists;
  readonly events: EventQueue;
  readonly is_production: boolean;
  readonly clock: () => Instant;
  readonly next_call: NextCall;
}

export type RunOutcome =
  /** The run has ended. */
  | { readonly kind: 'ended'; readonly report: Reconciliation['report'] }
  /** The run ran out of time; `rest` goes on with it. */
  | { readonly kind: 'unfinished'; readonly rest: GoOnMessage };

/**
 * The most that a page takes: a call to Stripe of 12.5 s, and a hundred objects to compare with a
 * slow database.
 */
const page_time: Milliseconds = 45_000;
/** The most drift that the report names. The log names all of it. */
const reported_max = 50;
const concurrency = 10;

/**
 * Brings the accounts in line with Stripe, page by page, while there is time for another page. The
 * worker of Stripe's events gets what was missed, as if Stripe had just sent it. So runs may
 * overlap, and may be repeated.
 */
export async function runReconciliation(
  deps: ReconciliationDeps,
  message: ReconciliationMessage,
  remaining: () => Milliseconds,
): Promise<RunOutcome> {
  let run = message.kind === 'go_on' ? message : planRun(message, await getReconciliation(deps.database), deps.clock());
  for (;;) {
    const [list, ...others] = run.lists;
    if (list === undefined) return { kind: 'ended', report: await keepReport(deps, run) };
    if (remaining() < page_time) return { kind: 'unfinished', rest: run };
    await deps.next_call();
    const read_at = Math.floor(deps.clock() / 1_000) * 1_000;
    const { objects, next } = await deps.lists.listPage(list.list, list.since, list.after);
    const found = await takeIn(deps, list.list, objects, { run_id: run.run_id, read_at });
    const lists = next === null ? others : [{ ...list, after: next }, ...others];
    run = { ...run, lists, pages: run.pages + 1, found: sum(run.found, found) };
  }
}

type Totals = GoOnMessage['found'];

async function takeIn(
  deps: ReconciliationDeps,
  list: StripeList,
  objects: readonly unknown[],
  run: { run_id: string; read_at: Instant },
): Promise<Partial<Totals>> {
  if (list === 'events') return takeInEvents(deps, objects);
  const found = (await inParallel(objects, concurrency, (object) => comparedOrNamed(list, object, run, deps))).filter(
    isFound,
  );
  const unknown = await unknownEvents(
    deps.database,
    found.flatMap(({ news }) => news.map(({ event_id }) => event_id)),
  );
  // What was handed over before has a record: it is quarantined, or on its way.
  const isNew = ({ news }: Found) => news.length === 0 || news.some(({ event_id }) => unknown.has(event_id));
  const new_ones = found.filter(isNew);
  for (const { drift, news } of new_ones) {
    logger.warn('drift', { run_id: run.run_id, ...drift });
    for (const one of news) await deps.events.send(toEventMessage(JSON.stringify(toEvent(one, run.read_at, deps))));
  }
  const not_compared = found.filter(({ drift }) => drift.what === 'not_compared').length;
  return {
    objects_compared: objects.length - not_compared,
    objects_not_compared: not_compared,
    objects_drifted: new_ones.length,
    drift: new_ones.map(({ drift }) => drift),
  };
}

const object_fields = z.looseObject({ id: z.string() });

/**
 * Compares one object. If that fails, the report names the object, and the others are still
 * compared.
 */
async function comparedOrNamed(
  list: Exclude<StripeList, 'events'>,
  object: unknown,
  run: { run_id: string; read_at: Instant },
  deps: ReconciliationDeps,
): Promise<Found | null> {
  try {
    return await compareObject(list, object, run, deps);
  } catch (error) {
    // The database will answer again; then the page is compared once more.
    if (isUncertain(error)) throw error;
    const { id: object_id = 'unknown' } = object_fields.safeParse(object).data ?? {};
    logger.error('object not compared', { run_id: run.run_id, object_id, ...errorFacts(error) });
    return { drift: { object_id, account_id: null, what: 'not_compared' }, news: [] };
  }
}

/** Oldest first, so that fewer of them are stale. */
async function takeInEvents(
  { database, events }: ReconciliationDeps,
  objects: readonly unknown[],
): Promise<Partial<Totals>> {
  const listed = objects.map((object) => object_fields.parse(object)).reverse();
  const unknown = await unknownEvents(
    database,
    listed.map(({ id }) => id),
  );
  const missed = listed.filter(({ id }) => unknown.has(id));
  for (const event of missed) await events.send(toEventMessage(JSON.stringify(event)));
  return { events_listed: listed.length, events_missed: missed.length };
}

/** An event of our own making, in place of the one that never came. */
function toEvent({ event_id, type, object }: News, read_at: Instant, { is_production }: ReconciliationDeps) {
  return {
    id: event_id,
    object: 'event',
    type,
    created: read_at / 1_000,
    livemode: is_production,
    data: { object },
  };
}

function sum(known: Totals, { drift = [], ...more }: Partial<Totals>): Totals {
  return {
    events_listed: known.events_listed + (more.events_listed ?? 0),
    events_missed: known.events_missed + (more.events_missed ?? 0),
    objects_compared: known.objects_compared + (more.objects_compared ?? 0),
    objects_not_compared: known.objects_not_compared + (more.objects_not_compared ?? 0),
    objects_drifted: known.objects_drifted + (more.objects_drifted ?? 0),
    drift: [...known.drift, ...drift].slice(0, reported_max),
  };
}

/**
 * Moves the marks, but never back: two runs may end in the other order. If something could not be
 * compared the marks stay, and the next run reads as much again.
 */
async function keepReport(
  { database, clock }: ReconciliationDeps,
  { run_id, started_at, compares, found }: GoOnMessage,
): Promise<Reconciliation['report']> {
  const known = await getReconciliation(database);
  const report = { run_id, started_at, finished_at: clock(), ...found };
  const is_whole = found.objects_not_compared === 0;
  const compared_at = compares && is_whole ? started_at : null;
  await putReconciliation(database, {
    events_through: Math.max(known?.events_through ?? 0, is_whole ? started_at : 0),
    compared_at: latest(known?.compared_at ?? null, compared_at),
    report,
  });
  return report;
}

function latest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function isFound(found: Found | null): found is Found {
  return found !== null;
}
