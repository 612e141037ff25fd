import type { Change } from './change.ts';

/** One line of the plan: `+` makes, `~` changes, `-` takes out of use. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'create_product':
      return `+ product   ${change.product.id}: ${change.product.name}`;
    case 'update_product':
      return `~ product   ${change.id}: ${Object.keys(change.params).join(', ')}`;
    case 'create_price': {
      const { lookup_key, ...paid } = change.price;
      const { replaces } = change;
      const instead = replaces === null ? '' : `, instead of ${replaces.id} (${amountOf(priceAmount(replaces))})`;
      return `+ price     ${lookup_key}: ${amountOf(paid)}${instead}`;
    }
    case 'update_price':
      return `~ price     ${change.lookup_key} (${change.id}): ${Object.keys(change.params).join(', ')}`;
    case 'deactivate_price': {
      const { id, lookup_key, recurring } = change.price;
      const name = lookup_key === null ? id : `${id}, ${lookup_key}`;
      const kept = recurring === null ? '' : '; who has it goes on paying it';
      return `- price     ${name} (${amountOf(priceAmount(change.price))}): no longer sold${kept}`;
    }
    case 'create_portal':
      return `+ portal    ${offer(change.plans)}`;
    case 'update_portal':
      return `~ portal    ${change.id}: ${offer(change.plans)}`;
    case 'create_endpoint':
      return `+ endpoint  ${change.endpoint.url}: ${eventsOf(change.endpoint)}`;
    case 'update_endpoint':
      return `~ endpoint  ${change.endpoint.url} (${change.id}): enabled, ${eventsOf(change.endpoint)}`;
    case 'disable_endpoint': {
      const { id, url, api_version } = change.outdated;
      return `- endpoint  ${url} (${id}): disabled, its API version is ${api_version ?? 'the default of the account'}`;
    }
  }
}

interface Amount {
  readonly unit_amount: number | null;
  readonly currency: string;
  readonly interval: string | null;
}

function priceAmount({
  unit_amount,
  currency,
  recurring,
}: Extract<Change, { kind: 'deactivate_price' }>['price']): Amount {
  return { unit_amount, currency, interval: recurring?.interval ?? null };
}

/** In minor units, as in billing.config.ts. */
function amountOf({ unit_amount, currency, interval }: Amount): string {
  return `${unit_amount ?? '?'} ${currency}${interval === null ? ' once' : ` a ${interval}`}`;
}

function offer(plans: readonly { readonly lookup_keys: readonly string[] }[]): string {
  const prices = plans.flatMap(({ lookup_keys }) => lookup_keys);
  return prices.length === 0 ? 'no plan to switch to' : `switch between ${prices.join(', ')}`;
}

function eventsOf({ api_version, enabled_events }: Extract<Change, { kind: 'create_endpoint' }>['endpoint']): string {
  return `${enabled_events.length} events, API ${api_version}`;
}
