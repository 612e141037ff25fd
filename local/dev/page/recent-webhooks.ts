import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Database, tableName } from '../../../shared/store/database.ts';
import { fromStripeEventItem, type StripeEventRecord } from '../../../shared/store/stripe-event-item.ts';

/** So many are kept and shown; as many fit into one read. */
const most_webhooks = 50;

/** An event of Stripe as it came in. */
export interface Webhook {
  event_id: string;
  type: string;
  /** Epoch milliseconds of the local cloud's clock. */
  received_at: number;
  /** What the API answered. */
  status: number;
  /** What became of it, once it has been handled. */
  record: StripeEventRecord | null;
}

const event_schema = z.object({ id: z.string(), type: z.string() });

/** The last webhooks that came to the API. */
export class RecentWebhooks {
  readonly #database: Database;
  #webhooks: Webhook[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  get webhooks(): readonly Webhook[] {
    return this.#webhooks;
  }

  /**
   * Takes note of a webhook and its answer. A body that is no event is left out: somebody tried
   * something.
   */
  add(body: Buffer, status: number, now: number): void {
    const event = parseEvent(body);
    if (event === null) return;
    const webhook: Webhook = { event_id: event.id, type: event.type, received_at: now, status, record: null };
    this.#webhooks = [webhook, ...this.#webhooks].slice(0, most_webhooks);
  }

  /** Reads what became of those that nothing had become of yet, or that are to be replayed. */
  async refresh(): Promise<void> {
    const open = this.#webhooks.filter(({ record }) => record === null || record.outcome === 'quarantined');
    if (open.length === 0) return;
    const table = tableName(this.#database, 'stripe_events');
    const keys = [...new Set(open.map(({ event_id }) => event_id))].map((event_id) => ({ event_id }));
    const { Responses = {} } = await this.#database.client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: keys } } }),
    );
    const records = (Responses[table] ?? []).map(fromStripeEventItem);
    const by_id = new Map(records.map((record) => [record.event_id, record]));
    for (const webhook of open) webhook.record = by_id.get(webhook.event_id) ?? webhook.record;
  }
}

function parseEvent(body: Buffer): z.infer<typeof event_schema> | null {
  try {
    return event_schema.safeParse(JSON.parse(body.toString())).data ?? null;
  } catch {
    return null;
  }
}
