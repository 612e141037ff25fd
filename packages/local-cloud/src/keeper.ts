import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { VirtualClock } from './clock.ts';
import type { Companion } from './companion.ts';
import type { Deployment } from './deployment.ts';
import type { Gate } from './gate.ts';
import type { Issuer } from './issuer.ts';
import { type SavedItem, type SavedState, SavedStateUnreadable, writeSavedState } from './saved-state.ts';
import { readItems, writeItems } from './table-items.ts';
import { region } from './template.ts';
import type { TimeTravel } from './time-travel.ts';

export interface KeeperOptions {
  clock: VirtualClock;
  issuer: Issuer;
  companion: Companion | null;
  deployment: Deployment;
  travel: TimeTravel;
  /** All requests to the API pass it. */
  gate: Gate;
  /** Of the database. */
  endpoint: string;
  /** The tables' names. */
  tables: string[];
  /** Takes why something could not be kept. */
  warn: (line: string) => void;
}

const save_every_ms = 10_000;
/** How long a copy waits for functions to end: a request that hangs must not hold others back. */
const patience_ms = 5000;

/**
 * Keeps everything that a cloud knows in one file. Each copy is of one moment: while it is made,
 * requests wait at the gate, the clock stands, and functions have ended. What the companion would
 * tell the API meanwhile it tells later.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  #path: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #saved_at = '';
  #last: Promise<void> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * Fills the empty tables. Throws `SavedStateUnreadable` for a table that is not in the template.
   */
  async restore({ tables }: SavedState): Promise<void> {
    await this.#withClient(async (client) => {
      for (const [table, items] of tables) {
        if (!this.#options.tables.includes(table)) {
          throw new SavedStateUnreadable('the saved state', `it has a table ${table}, which the template has not`);
        }
        await writeItems(client, table, items);
      }
    });
  }

  /** Sets everything in motion again that was under way. */
  resume({ queues, companion }: SavedState): void {
    for (const queue of this.#options.deployment.queues.values()) queue.restore(queues.get(queue.spec.name) ?? []);
    if (companion !== null) this.#options.companion?.restore(companion);
  }

  /** From now on: when something has changed, and at the end. */
  keepIn(path: string): void {
    this.#path = path;
    this.#timer = setInterval(() => {
      this.save().catch((error: unknown) => this.#options.warn(`the state could not be kept: ${String(error)}`));
    }, save_every_ms).unref();
  }

  /** Writes the file, unless nothing has changed. */
  save(): Promise<void> {
    return this.#afterLast(async () => {
      if (this.#version() !== this.#saved_at) await this.#save({ is_last: false });
    });
  }

  /** Writes the file for the last time. What it lacks is not answered as done. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    // An advance that is under way ends at its next step.
    this.#options.travel.close();
    // Even if nothing has changed: a request that is under way may still change something.
    await this.#afterLast(() => this.#save({ is_last: true }));
  }

  #afterLast(save: () => Promise<void>): Promise<void> {
    const saving = this.#last.then(save);
    this.#last = saving.catch(() => {});
    return saving;
  }

  async #save({ is_last }: { is_last: boolean }): Promise<void> {
    const path = this.#path;
    if (path === null) return;
    const { version, state } = await this.#options.travel.standStill(() => this.#copy(is_last));
    await mkdir(dirname(path), { recursive: true });
    await writeSavedState(path, state);
    this.#saved_at = version;
  }

  /** Another one when something may have changed. */
  #version(): string {
    const { deployment, clock, companion } = this.#options;
    return `${deployment.endedInvocations()} ${clock.ahead_ms} ${companion?.revision ?? 0}`;
  }

  async #copy(is_last: boolean): Promise<{ version: string; state: SavedState }> {
    const { clock, issuer, companion, deployment, gate, tables } = this.#options;
    try {
      await Promise.race([
        gate.close().then(() => this.#functionsEnd()),
        pause(patience_ms, undefined, { ref: false }),
      ]);
      const version = this.#version();
      const queues = new Map([...deployment.queues.values()].map((queue) => [queue.spec.name, queue.save()]));
      const companion_state = companion?.save() ?? null;
      // Only now: a webhook that is turned away must be kept as one that still waits.
      if (is_last) gate.shut();
      const items = new Map<string, SavedItem[]>();
      await this.#withClient(async (client) => {
        for (const table of tables) items.set(table, await readItems(client, table));
      });
      const state: SavedState = {
        clock_ahead_ms: clock.ahead_ms,
        issuer_key: issuer.key(),
        tables: items,
        queues,
        companion: companion_state,
      };
      return { version, state };
    } finally {
      gate.open();
    }
  }

  /** With the gate closed, nothing begins but what messages and schedules have set off. */
  async #functionsEnd(): Promise<void> {
    const { schedules, consumed_queues } = this.#options.deployment;
    const isBusy = () => schedules.running > 0 || consumed_queues.some((queue) => queue.save().length > 0);
    do {
      await schedules.settled();
      await Promise.all(consumed_queues.map((queue) => queue.settled()));
    } while (isBusy());
  }

  async #withClient<T>(act: (client: DynamoDBClient) => Promise<T>): Promise<T> {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint: this.#options.endpoint, region, credentials });
    try {
      return await act(client);
    } finally {
      client.destroy();
    }
  }
}
