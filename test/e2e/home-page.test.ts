import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { has_browser, launchBrowser, unless_browser } from './browser.ts';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

/** The checker's source, or null where it is not installed. */
function accessibilityChecker(): string | null {
  try {
    return readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  } catch {
    return null;
  }
}

/** The page looks for news every other second. */
const patience = { timeout: 20_000 };

const checker = accessibilityChecker();
const violations_schema = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
});

/** What hinders people who see, hear or move differently, by the rules of WCAG 2.2 AA. */
async function violationsOf(page: Page): Promise<unknown[]> {
  await page.evaluate(checker ?? '');
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found: unknown = await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(tags)} })`);
  return violations_schema.parse(found).violations;
}

describe.skipIf(!has_browser)(`the page of npm run dev${unless_browser}`, () => {
  let system: DevSystem;
  let client: Client;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    system = await startDevSystem();
    client = new Client(system);
    browser = await launchBrowser();
    // A busy machine takes more than a minute to start them: startDevSystem has its own limit.
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  beforeEach(async () => {
    complaints.length = 0;
    page = await browser.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      // Pages of others have no icon.
      const is_icon = message.location().url.endsWith('/favicon.ico');
      if (message.type() === 'error' && !is_icon) complaints.push(message.text());
    });
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  const open = async () => {
    await page.goto(`${system.url}/`);
    await page.getByText(`Running at ${system.url}`).waitFor();
  };

  test('says what runs, from the template and the configuration', async () => {
    await open();
    const functions = page.getByRole('table', { name: 'Functions' });
    await functions.getByRole('rowheader', { name: 'WebhookReceiver' }).waitFor();
    await page.getByRole('table', { name: 'Queues' }).getByRole('rowheader', { name: 'WebhookEventsQueue' }).waitFor();
    await page.getByRole('row', { name: /^Pro 1,000 a month \$29\.00 \$290\.00/ }).waitFor();
    await page.getByText(`${system.stripe_url}, a fake: no money moves`).waitFor();
    const document = await page.getByRole('link', { name: 'OpenAPI document' }).getAttribute('href');
    expect((await client.get(document ?? '')).body).toHaveProperty('openapi');
  });

  test('spends as an account, and shows the entry as it happens', async () => {
    const account = freshUser();
    await open();
    await page.getByRole('combobox', { name: 'Account' }).fill(account);
    await page.getByRole('combobox', { name: 'Account' }).press('Tab');
    await page.getByText('Nobody yet.').waitFor();
    await page.getByRole('button', { name: 'Spend 10 credits' }).click();
    await page.getByRole('row', { name: new RegExp(`${account} deducted Tried from the local page -10 90`) }).waitFor();
    await page.getByText('90 credits available').waitFor();
    await page.getByText('10 of 100 monthly credits used').waitFor();
    // Somebody else's entries come by themselves.
    const other = freshUser();
    await client.get('/api/credits', await client.token(other));
    await client.post(
      `/api/accounts/${other}/credits/grants`,
      { amount: 7, description: 'A gift' },
      await client.serviceToken(),
    );
    await page.getByRole('row', { name: new RegExp(`${other} granted A gift \\+7 107`) }).waitFor();
  });

  test('tells a hold from its settlement', async () => {
    const account = freshUser();
    const path = `/api/accounts/${account}/credits/holds`;
    const service = await client.serviceToken();
    const { body } = await client.post(path, { amount: 50, description: 'Render a film' }, service);
    await client.post(`${path}/${String(body.hold_id)}/settle`, { amount: 20 }, service);
    await open();
    await page.getByRole('row', { name: new RegExp(`${account} hold of 50 Render a film 0 100`) }).waitFor();
    await page.getByRole('row', { name: new RegExp(`${account} settled Render a film -20 80`) }).waitFor();
  });

  test('shows nothing of the account before under the name of another', async () => {
    const account = freshUser();
    await open();
    await page.getByRole('combobox', { name: 'Account' }).fill(account);
    await page.getByRole('button', { name: 'Spend 10 credits' }).click();
    await page.getByText('10 credits are spent.').waitFor();
    await page.getByText('90 credits available').waitFor();
    // Still in the field: nothing has been left or sent.
    await page.getByRole('combobox', { name: 'Account' }).fill(freshUser());
    await page.getByText('Nobody yet.').waitFor();
    expect(await page.getByText('90 credits available').count()).toBe(0);
    expect(await page.getByText('10 credits are spent.').count()).toBe(0);
  });

  test('buys a plan for an account, shows its webhooks, and moves the clock to its renewal', async () => {
    const account = freshUser();
    await open();
    await page.getByRole('combobox', { name: 'Account' }).fill(account);
    await page.getByLabel('Buy').selectOption({ label: 'Pro, $29.00 a month' });
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: 'Open checkout' }).click();
    const checkout = await opened;
    await checkout.getByRole('button', { name: /^Pay/ }).click();
    await checkout.waitForURL(/success=true/);
    await checkout.close();
    await client.idle();
    await page.getByText('1,000 credits available').waitFor();
    await page.getByText('Pro plan. 0 of 1,000 monthly credits used').waitFor();
    await page.getByRole('row', { name: new RegExp(`invoice.paid ${account} Applied`) }).waitFor();
    // A month ahead the renewal is due, and its charge still to come.
    await page.getByRole('button', { name: '+1 month' }).click();
    await page.getByText(/^Moved to Apr 10, 2026/).waitFor();
    await page.getByText(/^A renewal is due. It is charged by Apr 10, 2026/).waitFor();
    await page.getByRole('button', { name: 'Next renewal' }).click();
    await page.getByText(/^The next renewal is charged by May 10, 2026/).waitFor();
    await page
      .getByRole('row', { name: new RegExp(`invoice.paid ${account} Applied`) })
      .nth(1)
      .waitFor();
  });

  test('copies a token that the API takes', async () => {
    const account = freshUser();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await open();
    await page.getByRole('combobox', { name: 'Account' }).fill(account);
    await page.getByRole('combobox', { name: 'Account' }).press('Tab');
    await page.getByLabel('Service').check();
    await page.getByText('acts for every account').waitFor();
    await page.getByLabel('User').check();
    await page.getByText('for this account only').waitFor();
    await expect
      .poll(async () => subjectOf(await page.getByLabel('Token', { exact: true }).inputValue()), patience)
      .toBe(account);
    await page.getByRole('button', { name: 'Copy token' }).click();
    await page.getByText('The token is in the clipboard.').waitFor();
    const token = String(await page.evaluate('navigator.clipboard.readText()'));
    expect((await client.get('/api/credits', token)).body).toMatchObject({ account_id: account });
  });

  test('makes Stripe misbehave, and shows when it is over', async () => {
    await open();
    await page.getByLabel('next webhooks never arrive').fill('3');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('From now on.').waitFor();
    await page.reload();
    await expect.poll(() => page.getByLabel('next webhooks never arrive').inputValue(), patience).toBe('3');
    await page.getByRole('button', { name: 'All off' }).click();
    await expect.poll(() => page.getByLabel('next webhooks never arrive').inputValue(), patience).toBe('0');
  });

  test('takes nothing from elsewhere and runs nothing that is written into it', async () => {
    const { headers } = await client.get('/');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    const account = '<img src=x onerror=alert(1)>';
    await client.get('/api/credits', await client.token(account));
    await open();
    await page.getByRole('cell', { name: account }).first().waitFor();
    expect(await page.locator('#entries img').count()).toBe(0);
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 320],
    ['dark', 320],
  ] as const)('%s, %i px wide: everybody can use it, and nothing sticks out', async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await open();
    await page.getByRole('row', { name: /^Pro 1,000/ }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    if (checker !== null) expect(await violationsOf(page)).toEqual([]);
  });
});

function subjectOf(token: string): unknown {
  const [, payload = ''] = token.split('.');
  return payload === '' ? null : JSON.parse(Buffer.from(payload, 'base64url').toString()).sub;
}
