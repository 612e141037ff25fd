import { refundsOfCharge } from '../objects/charges.ts';
import { lineItemsOf } from '../objects/checkout-sessions.ts';
import { subscriptionsOfCustomer } from '../objects/customer-routes.ts';
import { paymentsOfInvoice } from '../objects/invoices.ts';
import type { World } from '../world.ts';
import { invalidRequest, type StripeApiError } from './errors.ts';

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** The object as JSON: decimals become text, and absent fields are left out. */
export function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}

/** Lists that Stripe leaves out unless the request asks for them. */
const INCLUDABLE: Record<string, (world: World, id: string) => object> = {
  'charge.refunds': refundsOfCharge,
  'checkout.session.line_items': lineItemsOf,
  'customer.subscriptions': subscriptionsOfCustomer,
  'invoice.payments': paymentsOfInvoice,
};

/**
 * The answer with the objects that `expand[]` names in place of their ids: `customer`,
 * `latest_invoice.payments`, `data.customer`.
 * @throws StripeApiError for a field that is no reference.
 */
export function expand(world: World, answer: object, paths: string[]): JsonObject {
  const json = toJson(answer);
  for (const path of paths) expandPath(world, json, path.split('.'), path);
  return json;
}

function expandPath(world: World, node: JsonObject, segments: string[], path: string): void {
  const [field, ...rest] = segments;
  if (field === undefined) return;
  const value = node[field] === undefined ? include(world, node, field) : node[field];
  // A reference to nothing: Stripe answers null as well.
  if (value === null) return;
  if (value === undefined) throw notExpandable(path);
  const expanded = Array.isArray(value)
    ? value.map((element) => resolve(world, element, path))
    : resolve(world, value, path);
  node[field] = expanded;
  for (const child of Array.isArray(expanded) ? expanded : [expanded]) expandPath(world, child, rest, path);
}

function include(world: World, node: JsonObject, field: string): Json | undefined {
  const { object, id } = node;
  if (typeof object !== 'string' || typeof id !== 'string') return undefined;
  const list = INCLUDABLE[`${object}.${field}`];
  return list === undefined ? undefined : toJson(list(world, id));
}

function resolve(world: World, value: Json, path: string): JsonObject {
  if (typeof value === 'string') {
    const found = lookUp(world, value);
    if (found === undefined) throw notExpandable(path);
    return toJson(found);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw notExpandable(path);
  return value;
}

function lookUp({ store }: World, id: string): object | undefined {
  return (
    store.customers.get(id) ??
    store.deleted_customers.get(id) ??
    store.subscriptions.get(id) ??
    store.invoices.get(id) ??
    store.payment_intents.get(id) ??
    store.charges.get(id) ??
    store.payment_methods.get(id) ??
    store.products.get(id) ??
    store.prices.get(id) ??
    store.balance_transactions.get(id) ??
    store.refunds.get(id) ??
    store.disputes.get(id) ??
    store.subscription_schedules.get(id) ??
    store.portal_configurations.get(id)
  );
}

function notExpandable(path: string): StripeApiError {
  return invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
}
