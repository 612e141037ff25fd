import type { PageEntry, PageState, PageWebhook } from '../page-state.ts';
import { announce, byId, element, renderWhenChanged } from './dom.ts';
import { formatChange, formatCredits, timeElement } from './format.ts';

/** The last entries of the ledger and the last webhooks. */
export class Feeds {
  readonly #now: () => number;
  #newest: ReadonlySet<string> | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  show({ entries, webhooks }: Pick<PageState, 'entries' | 'webhooks'>): void {
    const known = this.#newest;
    const fresh = entries.filter((entry) => known !== null && !known.has(keyOf(entry)));
    this.#newest = new Set(entries.map(keyOf));
    const is_fresh = new Set(fresh.map(keyOf));
    renderWhenChanged(byId('entries', HTMLTableSectionElement), entries, () =>
      entries.map((entry) => this.#entry(entry, is_fresh.has(keyOf(entry)))),
    );
    renderWhenChanged(byId('webhooks', HTMLTableSectionElement), webhooks, () =>
      webhooks.map((webhook) => this.#webhook(webhook)),
    );
    byId('no-entries', HTMLParagraphElement).hidden = entries.length > 0;
    byId('no-webhooks', HTMLParagraphElement).hidden = webhooks.length > 0;
    const [first] = fresh;
    if (first !== undefined) {
      const more = fresh.length > 1 ? ` And ${fresh.length - 1} more.` : '';
      announce(
        `${first.account_id}: ${first.kind}, ${first.description}, ${formatChange(first.amount)} credits.${more}`,
      );
    }
  }

  #entry(entry: PageEntry, is_new: boolean): Node {
    const { account_id, kind, description, amount, balance_after, created_at } = entry;
    const now = this.#now();
    const balance = formatCredits(balance_after);
    return element(
      'tr',
      is_new ? { class: 'new' } : {},
      element('td', { class: 'wide' }, timeElement(created_at, now)),
      element('td', { class: 'wide' }, account_id),
      element(
        'td',
        {},
        element('span', { class: 'kind' }, kind),
        ' ',
        description,
        element(
          'span',
          { class: 'details' },
          `${account_id} · `,
          timeElement(created_at, now),
          ` · balance ${balance}`,
        ),
      ),
      element('td', { class: amount > 0 ? 'number plus' : 'number' }, formatChange(amount)),
      element('td', { class: 'number wide' }, balance),
    );
  }

  #webhook(webhook: PageWebhook): Node {
    const { type, received_at, account_id, event_id, reason } = webhook;
    const now = this.#now();
    const { kind, text } = outcomeOf(webhook);
    const about = account_id ?? '';
    return element(
      'tr',
      {},
      element('td', { class: 'wide' }, timeElement(received_at, now)),
      element(
        'td',
        { title: event_id },
        element('code', {}, type),
        element('span', { class: 'details' }, ...(about === '' ? [] : [`${about} · `]), timeElement(received_at, now)),
      ),
      element('td', { class: 'wide' }, about),
      element('td', {}, element('span', { class: 'outcome', 'data-kind': kind, title: reason ?? '' }, text)),
    );
  }
}

const keyOf = ({ account_id, seq }: PageEntry) => `${account_id} ${seq}`;

function outcomeOf({ status, outcome }: PageWebhook): { kind: 'good' | 'bad' | 'quiet'; text: string } {
  if (status < 200 || status > 299) return { kind: 'bad', text: `Refused, ${status}` };
  if (outcome === null) return { kind: 'quiet', text: 'Waiting' };
  const text = outcome.charAt(0).toUpperCase() + outcome.slice(1);
  return { kind: outcome === 'applied' ? 'good' : outcome === 'quarantined' ? 'bad' : 'quiet', text };
}
