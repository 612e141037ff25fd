import type { Figure } from './figure.ts';
import { missingPostgres } from './postgres/installation.ts';

interface Family {
  /** Whether the family measures against a database; then it runs once per engine. */
  readonly on_engines: boolean;
  /** The family takes minutes: a run that names no family leaves it out. */
  readonly by_name_only?: boolean;
  /** Why the family cannot run on this machine, or null if it can. */
  readonly missing?: () => string | null;
  /** Gets the process id of the engine, where that is known. */
  readonly measure: (engine_pid: number | null) => Promise<Figure[]>;
}

/** Figures that are measured together. Each family has a process of its own. */
export const families = {
  functions: {
    on_engines: false,
    measure: async () => (await import('./families/functions.ts')).measureFunctions(),
  },
  deduct: {
    on_engines: true,
    measure: async () => (await import('./families/deduct.ts')).measureDeduct(),
  },
  cpu: {
    on_engines: false,
    measure: async () => (await import('./families/cpu.ts')).measureCpu(),
  },
  costs: {
    on_engines: false,
    measure: async () => (await import('./families/costs.ts')).measureCosts(),
  },
  'handler-overhead': {
    on_engines: true,
    measure: async () => (await import('./families/handler-overhead.ts')).measureHandlerOverhead(),
  },
  'hot-account': {
    on_engines: true,
    measure: async () => (await import('./families/hot-account.ts')).measureHotAccount(),
  },
  contention: {
    on_engines: true,
    measure: async () => (await import('./families/contention.ts')).measureContention(),
  },
  spread: {
    on_engines: true,
    measure: async () => (await import('./families/spread.ts')).measureSpread(),
  },
  'batch-gain': {
    on_engines: true,
    measure: async () => (await import('./families/batch-gain.ts')).measureBatchGain(),
  },
  'ledger-growth': {
    on_engines: true,
    measure: async () => (await import('./families/ledger-growth.ts')).measureLedgerGrowth(),
  },
  'sweep-idle-growth': {
    on_engines: true,
    measure: async () => (await import('./families/sweep-idle-growth.ts')).measureSweepIdleGrowth(),
  },
  'sweep-per-account': {
    on_engines: true,
    measure: async () => (await import('./families/sweep-per-account.ts')).measureSweepPerAccount(),
  },
  postgres: {
    on_engines: true,
    missing: missingPostgres,
    measure: async (engine_pid) => (await import('./families/postgres.ts')).measurePostgres(engine_pid),
  },
  'sweep-at-scale': {
    on_engines: true,
    by_name_only: true,
    measure: async () => (await import('./families/sweep-at-scale.ts')).measureSweepAtScale(),
  },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;

export const family_names = Object.keys(families).filter(isFamily);

/** The families of a run that names none. */
export const usual_families = family_names.filter((name) => !('by_name_only' in families[name]));

export function isFamily(name: string): name is FamilyName {
  return Object.hasOwn(families, name);
}

/** Why a family is left out on this machine, or null if it is not. */
export function missingFor(name: FamilyName): string | null {
  const family: Family = families[name];
  return family.missing?.() ?? null;
}
