import * as z from '../../../../shared/zod.ts';
import { type Balance, balance_answer, type Plans } from './answers.ts';
import { call, fetchToken, messageOf } from './api.ts';
import { announce, byId, element, renderWhenChanged, setText } from './dom.ts';
import { formatCredits, formatMoney, timeElement } from './format.ts';

const service_scope = 'billing:service';
const lot_names: Record<string, string> = {
  monthly: 'monthly',
  rollover: 'rolled over',
  bonus: 'bonus',
  purchase: 'purchased',
};
const notes = {
  user: 'For the app’s own pages: reads and buys for this account only.',
  service: 'For your backend, with the scope billing:service: acts for every account.',
};

/** One account to try things with: its credits, what it can buy, its tokens. */
export class AccountCard {
  readonly #account = byId('account', HTMLInputElement);
  readonly #token = byId('token', HTMLInputElement);
  readonly #said = byId('said', HTMLParagraphElement);
  readonly #now: () => number;
  #service_token: Promise<string> | null = null;
  #has_account = false;
  /** Names of plans by id. */
  #plans = new Map<string, string>();

  constructor(now: () => number) {
    this.#now = now;
    this.#account.value = localStorage.getItem('account') ?? this.#account.value;
    byId('account-form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
    this.#account.addEventListener('change', () => void this.#choose());
    for (const radio of this.#callers()) radio.addEventListener('change', () => void this.#showToken());
    byId('buy-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#try(() => this.#openCheckout());
    });
    byId('portal', HTMLButtonElement).addEventListener('click', () => void this.#try(() => this.#openPortal()));
    byId('spend', HTMLButtonElement).addEventListener('click', () => void this.#try(() => this.#spend()));
    byId('copy-token', HTMLButtonElement).addEventListener('click', () => void this.#copy(this.#token.value, 'token'));
    byId('copy-curl', HTMLButtonElement).addEventListener('click', () => void this.#copy(this.#curl(), 'command'));
    void this.#showToken();
  }

  /** What it can buy, and which accounts there are. */
  offer(plans: Plans): void {
    const offer = byId('offer', HTMLSelectElement);
    this.#plans = new Map(plans.plans.map(({ id, name }) => [id, name]));
    renderWhenChanged(offer, plans, () => [
      ...plans.plans.flatMap(({ id, name, prices }) =>
        prices.map(({ interval, amount, currency }) =>
          element(
            'option',
            { value: JSON.stringify({ plan: id, interval }) },
            `${name}, ${formatMoney(amount, currency)} a ${interval}`,
          ),
        ),
      ),
      ...plans.packs.map(({ id, name, amount, currency }) =>
        element('option', { value: JSON.stringify({ pack: id }) }, `${name}, ${formatMoney(amount, currency)}`),
      ),
    ]);
  }

  suggest(accounts: readonly string[]): void {
    this.#has_account = accounts.includes(this.#account.value);
    renderWhenChanged(byId('accounts', HTMLDataListElement), accounts, () =>
      accounts.map((id) => element('option', { value: id })),
    );
  }

  /**
   * Reads the balance again. Asking for it creates an account; one that nobody has used yet is only
   * described.
   */
  async refresh(): Promise<void> {
    const target = byId('balance', HTMLDivElement);
    if (!this.#has_account) {
      renderWhenChanged(target, null, () => [
        element('p', { class: 'muted' }, 'Nobody yet. Its first request creates it, with the free plan’s credits.'),
      ]);
      return;
    }
    try {
      const path = this.#path('/credits');
      const balance = await call(path, { answer: balance_answer, token: await this.#serviceToken() });
      renderWhenChanged(target, balance, () => this.#balance(balance));
    } catch (error) {
      this.#say(messageOf(error), 'refused');
    }
  }

  #callers(): HTMLInputElement[] {
    return [...document.querySelectorAll<HTMLInputElement>('input[name=caller]')];
  }

  get #caller(): 'user' | 'service' {
    return this.#callers().find(({ checked }) => checked)?.value === 'service' ? 'service' : 'user';
  }

  #path(path: string): string {
    return `/api/accounts/${encodeURIComponent(this.#account.value)}${path}`;
  }

  #serviceToken(): Promise<string> {
    this.#service_token ??= fetchToken('local-page', service_scope);
    return this.#service_token;
  }

  async #choose(): Promise<void> {
    if (!this.#account.reportValidity()) return;
    localStorage.setItem('account', this.#account.value);
    this.#has_account = [...document.querySelectorAll('#accounts option')].some(
      (option) => option.getAttribute('value') === this.#account.value,
    );
    this.#say('', 'done');
    await Promise.all([this.refresh(), this.#showToken()]);
  }

  async #showToken(): Promise<void> {
    setText(byId('caller-note', HTMLParagraphElement), notes[this.#caller]);
    const scope = this.#caller === 'service' ? service_scope : undefined;
    this.#token.value = await fetchToken(this.#account.value, scope).catch(() => '');
  }

  #curl(): string {
    const path = this.#caller === 'service' ? this.#path('/credits') : '/api/credits';
    return `curl -s ${location.origin}${path} -H 'authorization: Bearer ${this.#token.value}'`;
  }

  async #copy(text: string, what: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this.#say(`The ${what} is in the clipboard.`, 'done');
  }

  async #openCheckout(): Promise<void> {
    const body: unknown = JSON.parse(byId('offer', HTMLSelectElement).value);
    const answer = z.object({ checkout_url: z.url() });
    const { checkout_url } = await call(this.#path('/billing/checkout'), {
      answer,
      body,
      token: await this.#serviceToken(),
    });
    location.assign(checkout_url);
  }

  async #openPortal(): Promise<void> {
    const answer = z.object({ portal_url: z.url() });
    const { portal_url } = await call(this.#path('/billing/portal'), {
      answer,
      body: {},
      token: await this.#serviceToken(),
    });
    location.assign(portal_url);
  }

  async #spend(): Promise<void> {
    const body = { amount: 10, description: 'Tried from the local page' };
    const answer = z.object({ balance_after: z.int() });
    await call(this.#path('/credits/deduct'), { answer, body, token: await this.#serviceToken() });
    this.#has_account = true;
    this.#say('10 credits are spent.', 'done');
    await this.refresh();
  }

  async #try(act: () => Promise<void>): Promise<void> {
    if (!this.#account.reportValidity()) return;
    try {
      await act();
    } catch (error) {
      this.#say(messageOf(error), 'refused');
    }
  }

  #say(text: string, kind: 'done' | 'refused'): void {
    this.#said.dataset.kind = kind;
    setText(this.#said, text);
    if (kind === 'done') announce('');
  }

  #balance({ plan, unlimited, available_credits, held_credits, reset_date, lots }: Balance): Node[] {
    const figure = available_credits === null || unlimited ? 'Unlimited' : `${formatCredits(available_credits)}`;
    const shown = lots.filter(({ remaining }) => remaining > 0);
    const kinds = [...new Set(shown.map(({ kind }) => kind))];
    return [
      element(
        'p',
        { class: 'figure' },
        element('strong', {}, figure),
        ' ',
        element('span', {}, unlimited ? 'credits' : 'credits available'),
      ),
      element(
        'p',
        { class: 'muted small' },
        `${this.#plans.get(plan) ?? plan} plan. Resets `,
        timeElement(reset_date, this.#now()),
        held_credits === 0 ? '.' : `. ${formatCredits(held_credits)} more are held.`,
      ),
      ...(shown.length === 0 ? [] : [this.#bar(shown)]),
      element(
        'ul',
        { class: 'legend' },
        ...kinds.map((kind) => {
          const sum = shown.filter((lot) => lot.kind === kind).reduce((total, { remaining }) => total + remaining, 0);
          const mark = element('i', { 'data-kind': kind });
          return element('li', {}, mark, `${formatCredits(sum)} ${lot_names[kind] ?? kind}`);
        }),
      ),
    ];
  }

  /** The legend under it says the same in words. */
  #bar(lots: Balance['lots']): Node {
    const bar = element('div', { class: 'bar', 'aria-hidden': 'true' });
    for (const { kind, remaining } of lots) {
      const part = element('i', { 'data-kind': kind });
      // Not an attribute: the page's policy takes no style that is written into HTML.
      part.style.flex = String(remaining);
      bar.append(part);
    }
    return bar;
  }
}
