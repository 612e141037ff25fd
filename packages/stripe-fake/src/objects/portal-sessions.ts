import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { text, url } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';

const createParams = z.strictObject({
  customer: text,
  configuration: text.optional(),
  locale: text.optional(),
  return_url: url.optional(),
});

function configurationFor(world: World, wanted: string | undefined): Stripe.BillingPortal.Configuration {
  if (wanted !== undefined) return world.store.portal_configurations.require(wanted, 'configuration');
  const [configuration] = world.store.portal_configurations.list(({ is_default }) => is_default);
  if (configuration === undefined) throw invalidRequest('No configuration provided and no default exists.');
  return configuration;
}

/** A page for one customer. It stays open as long as the fake runs. */
export const portalSessionRoutes: Route[] = [
  route('POST', '/v1/billing_portal/sessions', createParams, ({ world, params }) => {
    const customer = world.store.customers.require(params.customer, 'customer');
    const configuration = configurationFor(world, params.configuration);
    const id = world.id('bps_1');
    const session = world.store.portal_sessions.put({
      id,
      object: 'billing_portal.session',
      configuration: configuration.id,
      created: world.seconds(),
      customer: customer.id,
      customer_account: null,
      flow: null,
      livemode: false,
      locale: params.locale ?? null,
      on_behalf_of: null,
      return_url: params.return_url ?? configuration.default_return_url,
      url: `${world.url}/p/session/${id}`,
    });
    world.emit({ type: 'billing_portal.session.created', data: { object: session } });
    return session;
  }),
];
