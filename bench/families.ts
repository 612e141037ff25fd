import type { Figure } from './figure.ts';

interface Family {
  /** Whether it measures against a database: then once per engine. */
  readonly on_engines: boolean;
  readonly measure: () => Promise<Figure[]>;
}

/** Figures that are measured together, each family in a process of its own. */
export const families = {
  functions: {
    on_engines: false,
    measure: async () => (await import('./families/functions.ts')).measureFunctions(),
  },
  deduct: {
    on_engines: true,
    measure: async () => (await import('./families/deduct.ts')).measureDeduct(),
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
  'ledger-growth': {
    on_engines: true,
    measure: async () => (await import('./families/ledger-growth.ts')).measureLedgerGrowth(),
  },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;

export const family_names = Object.keys(families).filter(isFamily);

export function isFamily(name: string): name is FamilyName {
  return Object.hasOwn(families, name);
}
