import { type Interval, intervals } from '../domain/plan.ts';

/** A price that Stripe should have. Its lookup key finds it, never its amount. */
export interface PlanPrice {
  readonly lookup_key: string;
  readonly plan: string;
  readonly interval: Interval;
  /** Minor units. */
  readonly amount: number;
}

export interface PackPrice {
  readonly lookup_key: string;
  readonly pack: string;
  readonly credits: number;
  /** Minor units. */
  readonly amount: number;
}

/** What of the configuration has a price. */
interface Priced {
  readonly plans: Readonly<
    Record<string, { readonly prices?: { readonly [I in Interval]?: number | undefined } | undefined }>
  >;
  readonly packs: Readonly<Record<string, { readonly credits: number; readonly amount: number }>>;
}

/** Every price of every plan: `pro_month`, `pro_year`, … */
export function planPrices({ plans }: Pick<Priced, 'plans'>): PlanPrice[] {
  return Object.entries(plans).flatMap(([plan, { prices }]) =>
    intervals.flatMap((interval) => {
      const amount = prices?.[interval];
      return amount === undefined ? [] : [{ lookup_key: `${plan}_${interval}`, plan, interval, amount }];
    }),
  );
}

/** The price of every pack: `pack_small`, … */
export function packPrices({ packs }: Pick<Priced, 'packs'>): PackPrice[] {
  return Object.entries(packs).map(([pack, { credits, amount }]) => ({
    lookup_key: `pack_${pack}`,
    pack,
    credits,
    amount,
  }));
}
