import type { VirtualClock } from './clock.ts';
import type { LocalRoute } from './local-route.ts';
import type { TimedWorld } from './time-travel.ts';

/**
 * A service outside AWS that the functions talk to, on the cloud's own clock; for example a fake
 * payment provider. The template does not deploy it.
 */
export interface Companion extends TimedWorld {
  /** Variables for every function: the service's address. */
  readonly environment: Readonly<Record<string, string>>;
  /** Routes under `/_local` that direct the service. */
  readonly routes: readonly LocalRoute[];
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Another one when something has changed in it. */
  readonly revision: number;
  /** Everything that it knows, for `restore`; JSON can hold it. */
  save(): unknown;
  /** Goes on where it was that gave this. */
  restore(saved: unknown): void;
  close(): Promise<void>;
}

export interface CompanionOptions {
  /** The HTTP API's address, e.g. `http://127.0.0.1:4000`. */
  api_url: string;
  clock: VirtualClock;
}

export type StartCompanion = (options: CompanionOptions) => Promise<Companion>;
