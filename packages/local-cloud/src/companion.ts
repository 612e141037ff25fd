import type { VirtualClock } from './clock.ts';
import type { LocalRoute } from './local-route.ts';
import type { TimedWorld } from './time-travel.ts';

/**
 * A service outside AWS that the functions talk to, on the cloud's own clock: the fake of a payment provider, say. Nothing
 * of it is in the template.
 */
export interface Companion extends TimedWorld {
  /** Variables that every function gets: where the service is. */
  readonly environment: Readonly<Record<string, string>>;
  /** What people can do to it under `/_local`. */
  readonly routes: readonly LocalRoute[];
  /** Resolves when it has nothing under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface CompanionOptions {
  /** Of the HTTP API, e.g. `http://127.0.0.1:4000`. */
  api_url: string;
  clock: VirtualClock;
}

export type StartCompanion = (options: CompanionOptions) => Promise<Companion>;
