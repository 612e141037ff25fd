import type { PageState } from '../page-state.ts';
import type { Plans } from './answers.ts';
import { byId, element, renderWhenChanged } from './dom.ts';
import { formatCredits, formatMoney } from './format.ts';

/** What the template deploys and where it stands. */
export function showRuns({ facts, functions, queues, schedules, links }: PageState): void {
  renderWhenChanged(byId('runs', HTMLDListElement), facts, () =>
    facts.flatMap(({ name, values }) => [
      element('dt', {}, name),
      element('dd', {}, ...values.map((value) => element('div', {}, value))),
    ]),
  );
  renderWhenChanged(byId('functions', HTMLTableSectionElement), functions, () =>
    functions.map(({ name, memory_mb, timeout_s }) =>
      row(name, `${formatCredits(memory_mb)} MB`, `${formatCredits(timeout_s)} s`),
    ),
  );
  renderWhenChanged(byId('queues', HTMLTableSectionElement), queues, () =>
    queues.map(({ name, waiting, in_flight, dead }) =>
      row(name, ...[waiting, in_flight, dead].map((count) => formatCredits(count))),
    ),
  );
  renderWhenChanged(byId('schedules', HTMLTableSectionElement), schedules, () =>
    schedules.map(({ name, expression }) =>
      element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, element('code', {}, expression))),
    ),
  );
  renderWhenChanged(byId('links', HTMLUListElement), links, () =>
    links.map(({ name, url, note }) => element('li', {}, element('a', { href: url }, name), element('span', {}, note))),
  );
}

/** What is for sale, as the API says it. */
export function showSold({ plans, packs }: Plans): void {
  renderWhenChanged(byId('sold', HTMLTableSectionElement), { plans, packs }, () => [
    ...plans.map(({ name, monthly_credits, prices, features }) =>
      soldRow(
        name,
        monthly_credits === null
          ? ['Unlimited']
          : [formatCredits(monthly_credits), element('span', { class: 'wide' }, ' a month')],
        priceOf(prices, 'month'),
        priceOf(prices, 'year'),
        features.includes('*') ? 'All' : features.join(', '),
      ),
    ),
    ...packs.map(({ name, credits, amount, currency }) =>
      soldRow(name, [formatCredits(credits)], '', '', `Bought once, ${formatMoney(amount, currency)}`),
    ),
  ]);
}

function priceOf(prices: Plans['plans'][number]['prices'], interval: string): string {
  const price = prices.find((each) => each.interval === interval);
  return price === undefined ? '' : formatMoney(price.amount, price.currency);
}

function row(name: string, ...figures: string[]): Node {
  const cells = figures.map((figure) => element('td', { class: 'number' }, figure));
  return element('tr', {}, element('th', { scope: 'row' }, name), ...cells);
}

function soldRow(name: string, credits: (Node | string)[], month: string, year: string, more: string): Node {
  const figures = [credits, [month || '–'], [year || '–']].map((figure) =>
    element('td', { class: 'number' }, ...figure),
  );
  return element('tr', {}, element('th', { scope: 'row' }, name), ...figures, element('td', { class: 'more' }, more));
}
