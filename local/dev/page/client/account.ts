import * as z from '../../../../shared/zod.ts';
import { type Balance, balance_answer, type Plans } from './answers.ts';
import { call, fetchToken, messageOf } from './api.ts';
import { announce, byId, element, renderWhenChanged, setText } from './dom.ts';
import { formatCredits, formatMoney, timeElement } from './format.ts';

const service_scope = 'billing:service';
/** Of the parts of the bar. */
const names: Record<string, string> = {
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
    this.#account.addEventListener('input', () => void this.#choose());
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
    const account = this.#account.value;
    if (!this.#has_account) {
      renderWhenChanged(target, null, () => [
        element('p', { class: 'muted' }, 'Nobody yet. Its first request creates it, with the free plan’s credits.'),
      ]);
      return;
    }
    try {
      const path = this.#path('/credits');
      const balance = await call(path, { answer: balance_answer, token: await this.#serviceToken() });
      const plan = this.#plans.get(balance.plan) ?? balance.plan;
      if (account !== this.#account.value) return;
      renderWhenChanged(target, { account, plan, balance }, () => this.#balance(balance, plan));
    } catch (error) {
      if (account === this.#account.value) this.#say(messageOf(error), 'refused');
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

  /** Nothing of the account before may stand under the new one's name. */
  async #choose(): Promise<void> {
    renderWhenChanged(byId('balance', HTMLDivElement), this.#account.value, () => []);
    this.#token.value = '';
    this.#say('', 'done');
    if (!this.#account.checkValidity()) return;
    localStorage.setItem('account', this.#account.value);
    this.#has_account = [...document.querySelectorAll('#accounts option')].some(
      (option) => option.getAttribute('value') === this.#account.value,
    );
    await Promise.all([this.refresh(), this.#showToken()]);
  }

  async #showToken(): Promise<void> {
    setText(byId('caller-note', HTMLParagraphElement), notes[this.#caller]);
    const caller = this.#caller;
    const account = this.#account.value;
    const token = await fetchToken(account, caller === 'service' ? service_scope : undefined).catch(() => '');
    if (caller === this.#caller && account === this.#account.value) this.#token.value = token;
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
    const path = this.#path('/billing/checkout');
    await inNewTab(async () => {
      const { checkout_url } = await call(path, { answer, body, token: await this.#serviceToken() });
      return checkout_url;
    });
  }

  async #openPortal(): Promise<void> {
    const answer = z.object({ portal_url: z.url() });
    const path = this.#path('/billing/portal');
    await inNewTab(async () => {
      const { portal_url } = await call(path, { answer, body: {}, token: await this.#serviceToken() });
      return portal_url;
    });
  }

  async #spend(): Promise<void> {
    const body = { amount: 10, description: 'Tried from the local page' };
    const answer = z.object({ balance_after: z.int() });
    const account = this.#account.value;
    const path = this.#path('/credits/deduct');
    await call(path, { answer, body, token: await this.#serviceToken() });
    if (account !== this.#account.value) return;
    this.#has_account = true;
    this.#say('10 credits are spent.', 'done');
    await this.refresh();
  }

  async #try(act: () => Promise<void>): Promise<void> {
    if (!this.#account.reportValidity()) return;
    const account = this.#account.value;
    try {
      await act();
    } catch (error) {
      if (account === this.#account.value) this.#say(messageOf(error), 'refused');
    }
  }

  #say(text: string, kind: 'done' | 'refused'): void {
    this.#said.dataset.kind = kind;
    setText(this.#said, text);
    if (kind === 'done') announce('');
  }

  #balance(balance: Balance, plan: string): Node[] {
    const { unlimited, monthly_credits, available_credits, used_credits, held_credits, reset_date, lots } = balance;
    const figure = available_credits === null || unlimited ? 'Unlimited' : formatCredits(available_credits);
    const shown = lots.filter(({ remaining }) => remaining > 0);
    const free = new Map<string, number>();
    for (const { kind, remaining, held } of shown) free.set(kind, (free.get(kind) ?? 0) + remaining - held);
    const parts = [
      ...free,
      ...(held_credits === 0 ? [] : [['held', held_credits] as const]),
      ...(unlimited || used_credits === 0 ? [] : [['used', used_credits] as const]),
    ].filter(([, credits]) => credits > 0);
    const used =
      monthly_credits === null
        ? `${formatCredits(used_credits)} used`
        : `${formatCredits(used_credits)} of ${formatCredits(monthly_credits)} monthly credits used`;
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
        `${plan} plan. ${used}. Resets `,
        timeElement(reset_date, this.#now()),
        '.',
      ),
      ...(parts.length === 0 ? [] : [this.#bar(parts)]),
      element(
        'ul',
        { class: 'legend' },
        ...parts.map(([kind, credits]) =>
          element('li', {}, element('i', { 'data-kind': kind }), `${formatCredits(credits)} ${names[kind] ?? kind}`),
        ),
      ),
    ];
  }

  /** The legend under it says the same in words. */
  #bar(parts: (readonly [kind: string, credits: number])[]): Node {
    const bar = element('div', { class: 'bar', 'aria-hidden': 'true' });
    for (const [kind, credits] of parts) {
      const part = element('i', { 'data-kind': kind });
      // Not an attribute: the page's policy takes no style that is written into HTML.
      part.style.flex = String(credits);
      bar.append(part);
    }
    return bar;
  }
}

/**
 * Opens a page of Stripe beside this one. The tab opens at once: browsers allow that only while the
 * click is handled.
 */
async function inNewTab(fetchUrl: () => Promise<string>): Promise<void> {
  const tab = open('', '_blank');
  try {
    const url = await fetchUrl();
    (tab ?? window).location.assign(url);
  } catch (error) {
    tab?.close();
    throw error;
  }
}
