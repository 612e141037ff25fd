import { type BillingConfig, defineBilling } from '../../../shared/config/billing-config.ts';
import billing_config from '../../billing.config.ts';

/** What the tests sell, to users. */
const to_users = billing_config;

type Rollover = NonNullable<BillingConfig['plans'][string]['rollover']>;

const rollovers: Record<string, Rollover> = {
  free: { cap: 60, expires_after_months: 1 },
  pro: { cap: 700, share_percent: 50, expires_after_months: 2 },
  pro_plus: { share_percent: 33, expires_after_months: 3 },
};

/** The same plans, sold to organisations; each rolls over in a way of its own. */
const to_organisations = defineBilling({
  ...billing_config,
  plans: Object.fromEntries(
    Object.entries(billing_config.plans).map(([id, plan]) => {
      const rollover = rollovers[id];
      return [id, rollover === undefined ? plan : { ...plan, rollover }];
    }),
  ),
  accounts: { claim: 'org_id' },
  spending: { by_users: true },
});

/** What may be sold in a run. The plans and packs have the same names in all of them. */
export const offers = [to_users, to_organisations] as const;

/** Features that somebody may ask for; no plan names the last. */
export const features = ['analytics', 'scheduling', 'ads', 'exports'] as const;
