import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Queue } from '@billing-credits/local-cloud';
import type { Entry, TransactionType } from '../../../shared/domain/ledger/entry.ts';
import { variables } from '../../../shared/environment.ts';
import type { Database } from '../../../shared/store/database.ts';
import type { LocalCloud } from '../../cloud.ts';
import type { Options } from '../../options.ts';
import { factsOf, linksOf } from './facts.ts';
import type { PageEntry, PageState, PageWebhook } from './page-state.ts';
import { RecentEntries } from './recent-entries.ts';
import { RecentWebhooks, type Webhook } from './recent-webhooks.ts';

/** So long after a charge its webhooks are here. */
const webhooks_after_ms = 60_000;

/** What an entry did, in a word. */
const kinds: Record<TransactionType, string> = {
  usage: 'deducted',
  refund: 'refunded',
  bonus: 'granted',
  reset: 'reset',
  purchase: 'bought',
  expire: 'expired',
  plan_change: 'plan',
  hold: 'hold',
  release: 'released',
  clawback: 'taken back',
  reinstate: 'given back',
};

/** Their descriptions are the caller's own words. */
const described_by_callers: ReadonlySet<TransactionType> = new Set(['usage', 'bonus', 'hold']);

const iso = (at: number) => new Date(at).toISOString();

/** What the page shows, read from the running cloud. */
export class PageSource {
  readonly #cloud: LocalCloud;
  readonly #options: Options;
  readonly #entries: RecentEntries;
  readonly #webhooks: RecentWebhooks;
  #ended = -1;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(cloud: LocalCloud, options: Options) {
    this.#cloud = cloud;
    this.#options = options;
    const database = openDatabase(cloud);
    this.#entries = new RecentEntries(database);
    this.#webhooks = new RecentWebhooks(database);
  }

  noteWebhook(body: Buffer, status: number): void {
    this.#webhooks.add(body, status, this.#cloud.clock.now());
  }

  async read(): Promise<PageState> {
    this.#refreshing = this.#refreshing.catch(() => {}).then(() => this.#refresh());
    await this.#refreshing;
    const { url, clock, stripe, system, queues } = this.#cloud;
    const renewal = stripe?.nextRenewal() ?? null;
    return {
      url,
      clock: {
        ahead_ms: clock.ahead_ms,
        can_move: stripe !== null,
        next_renewal: renewal && {
          due_at: iso(renewal.due_at),
          charged_by: iso(renewal.charged_at + webhooks_after_ms),
        },
      },
      faults: stripe === null ? null : pick(stripe.faults),
      facts: factsOf(this.#cloud, this.#options),
      functions: system.functions.map(({ name, memory_mb, timeout_s }) => ({ name, memory_mb, timeout_s })),
      queues: system.event_sources.flatMap(({ queue_arn }) => {
        const queue = [...queues.values()].find(({ spec }) => spec.arn === queue_arn);
        return queue === undefined ? [] : [queueState(queue)];
      }),
      schedules: system.schedules.map(({ name, expression }) => ({ name, expression })),
      links: linksOf(this.#cloud, this.#options),
      accounts: [...this.#entries.accounts],
      entries: this.#entries.entries.map(toPageEntry),
      webhooks: this.#webhooks.webhooks.map(toPageWebhook),
    };
  }

  /** Looks into the tables, but only when a function can have changed them. */
  async #refresh(): Promise<void> {
    const ended = this.#cloud.endedInvocations();
    if (ended === this.#ended) return;
    await Promise.all([this.#entries.refresh(), this.#webhooks.refresh()]);
    this.#ended = ended;
  }
}

function openDatabase({ database: { endpoint, region, tables } }: LocalCloud): Database {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region, credentials }));
  const named = (variable: string) => tables[variable] ?? '';
  return {
    client,
    tables: {
      accounts: named(variables.accounts_table),
      ledger: named(variables.ledger_table),
      stripe_events: named(variables.stripe_events_table),
    },
  };
}

function pick({ duplicate, reorder, drop, fail, fail_after, rate_limit }: NonNullable<PageState['faults']>) {
  return { duplicate, reorder, drop, fail, fail_after, rate_limit };
}

function queueState(queue: Queue): PageState['queues'][number] {
  return { name: queue.spec.name, ...queue.counts(), dead: queue.dead_letters?.counts().waiting ?? 0 };
}

function toPageEntry(entry: Entry): PageEntry {
  const { account_id, seq, transaction_type, amount, balance_after, created_at } = entry;
  const description = described_by_callers.has(transaction_type)
    ? entry.description
    : entry.description.charAt(0).toUpperCase() + entry.description.slice(1);
  return { account_id, seq, kind: kindOf(entry), description, amount, balance_after, created_at: iso(created_at) };
}

function kindOf({ transaction_type, hold_id, held_credits }: Entry): string {
  if (transaction_type === 'usage' && hold_id !== undefined) return 'settled';
  if (transaction_type === 'hold' && held_credits !== undefined) return `hold of ${held_credits}`;
  return kinds[transaction_type];
}

function toPageWebhook({ event_id, type, received_at, status, record }: Webhook): PageWebhook {
  return {
    event_id,
    type,
    received_at: iso(received_at),
    status,
    outcome: record?.outcome ?? null,
    account_id: record?.account_id ?? null,
    reason: record?.reason ?? null,
  };
}
