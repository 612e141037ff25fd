import { page_state } from '../page-state.ts';
import { AccountCard } from './account.ts';
import { plans_answer } from './answers.ts';
import { call } from './api.ts';
import { ClockCard } from './clock.ts';
import { byId, setText } from './dom.ts';
import { FaultsCard } from './faults.ts';
import { Feeds } from './feeds.ts';
import { showRuns, showSold } from './runs.ts';
import { chooseTheme } from './theme.ts';

const look_every_ms = 1500;

chooseTheme();
const clock = new ClockCard(() => void look());
const account = new AccountCard(() => clock.now());
const feeds = new Feeds(() => clock.now());
const faults = new FaultsCard();
let newest = '';
let has_prices = false;

/** Asks what is new and shows it. */
async function look(): Promise<void> {
  try {
    const state = await call('/_local/page/state', { answer: page_state });
    clock.show(state.clock);
    feeds.show(state);
    faults.show(state.faults);
    showRuns(state);
    account.suggest(state.accounts);
    const latest = JSON.stringify([state.entries[0], state.clock.ahead_ms]);
    if (!has_prices) await showPrices();
    if (latest !== newest) await account.refresh();
    newest = latest;
    connected(true, `Running at ${state.url}`);
  } catch {
    connected(false, 'Stopped, or not to be reached');
  }
}

/** They change with the configuration only, for which the local cloud is started anew. */
async function showPrices(): Promise<void> {
  const plans = await call('/api/billing/plans', { answer: plans_answer });
  account.offer(plans);
  showSold(plans);
  has_prices = true;
}

function connected(is_up: boolean, text: string): void {
  byId('running', HTMLParagraphElement).dataset.state = is_up ? 'up' : 'down';
  setText(byId('running-text', HTMLSpanElement), text);
  if (!is_up) has_prices = false;
}

/** Nobody asks for a page that nobody sees. */
async function lookOn(): Promise<void> {
  if (document.visibilityState === 'visible') await look();
  setTimeout(() => void lookOn(), look_every_ms);
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void look();
});
void lookOn();
