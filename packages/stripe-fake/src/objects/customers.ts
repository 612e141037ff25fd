import type Stripe from 'stripe';
import { previousAttributes, type World } from '../world.ts';

export interface CustomerDetails {
  email?: string | null | undefined;
  name?: string | null | undefined;
  phone?: string | null | undefined;
  description?: string | null | undefined;
  metadata: Stripe.Metadata;
}

export function createCustomer(world: World, details: CustomerDetails): Stripe.Customer {
  const customer = world.store.customers.put({
    id: world.id('cus_', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created: world.seconds(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: details.description ?? null,
    discount: null,
    email: details.email ?? null,
    invoice_prefix: world.id('', 8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: details.metadata,
    name: details.name ?? null,
    next_invoice_sequence: 1,
    phone: details.phone ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  });
  world.emit({ type: 'customer.created', data: { object: customer } });
  return customer;
}

/** Stores the changed customer, and sends an event if something changed. */
export function updateCustomer(
  world: World,
  before: Stripe.Customer,
  change: Partial<Stripe.Customer>,
): Stripe.Customer {
  const customer: Stripe.Customer = { ...before, ...change };
  const previous_attributes = previousAttributes(before, customer);
  if (Object.keys(previous_attributes).length === 0) return before;
  world.store.customers.put(customer);
  world.emit({ type: 'customer.updated', data: { object: customer, previous_attributes } });
  return customer;
}
