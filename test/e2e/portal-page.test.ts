import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has_browser, launchBrowser, unless_browser } from './browser.ts';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

describe.skipIf(!has_browser)(`a subscriber in the portal${unless_browser}`, () => {
  let system: DevSystem;
  let client: Client;
  let browser: Browser;

  beforeAll(async () => {
    system = await startDevSystem();
    client = new Client(system);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  const balance = async (token: string) => {
    await client.idle();
    return (await client.get('/api/credits', token)).body;
  };
  const subscription = async (token: string) => {
    await client.idle();
    return (await client.get('/api/billing/subscription', token)).body;
  };

  async function openPortal(token: string): Promise<Page> {
    const { body } = await client.post('/api/billing/portal', {}, token);
    const page = await browser.newPage();
    await page.goto(String(body.portal_url));
    return page;
  }

  async function choose(page: Page, price: RegExp): Promise<void> {
    await page.getByLabel(price).check();
    await page.getByRole('button', { name: 'Change plan' }).click();
  }

  test('upgrades at once when it is paid, and not with a declined card', async () => {
    const user = freshUser();
    const token = await client.token(user);
    await client.buy('pro', token);
    await client.deduct(user, 300);
    const page = await openPortal(token);
    await page.getByLabel(/is declined/).check();
    await page.getByRole('button', { name: 'Save card' }).click();
    await choose(page, /Pro Plus.*99\.00/);
    await expect(page.locator('#error').textContent()).resolves.toMatch(/declined/);
    expect(await balance(token)).toMatchObject({ plan: 'pro', available_credits: 700 });

    await page.getByLabel(/succeeds$/).check();
    await page.getByRole('button', { name: 'Save card' }).click();
    await choose(page, /Pro Plus.*99\.00/);
    await expect(page.locator('#plan').textContent()).resolves.toMatch(/Pro Plus/);
    expect(await balance(token)).toMatchObject({ plan: 'pro_plus', used_credits: 300, available_credits: 4_700 });
    await page.close();
  });

  test('downgrades at the end of the period, not before', async () => {
    const token = await client.token(freshUser());
    await client.buy('pro_plus', token);
    const page = await openPortal(token);
    await choose(page, /Pro,.*29\.00/);
    await expect(page.locator('#scheduled').textContent()).resolves.toMatch(/Pro/);
    expect(await balance(token)).toMatchObject({ plan: 'pro_plus', available_credits: 5_000 });
    await page.close();
    await client.advance('P1M');
    await client.advance('PT2H');
    expect(await balance(token)).toMatchObject({ plan: 'pro', available_credits: 1_000 });
  });

  test('cancels, takes it back, and cancels again', async () => {
    const token = await client.token(freshUser());
    await client.buy('pro', token);
    const page = await openPortal(token);
    await page.getByRole('button', { name: 'Cancel subscription' }).click();
    expect(await subscription(token)).toMatchObject({ plan: 'pro', cancel_at_period_end: true });
    await page.getByRole('button', { name: 'Don’t cancel' }).click();
    expect(await subscription(token)).toMatchObject({ plan: 'pro', cancel_at_period_end: false });
    await page.getByRole('button', { name: 'Cancel subscription' }).click();
    await page.getByRole('link', { name: 'Return' }).click();
    await page.waitForURL(/settings\/billing/);
    await page.close();
    expect(await balance(token)).toMatchObject({ plan: 'pro', available_credits: 1_000 });
    await client.advance('P1M');
    await client.advance('PT2H');
    expect(await balance(token)).toMatchObject({ plan: 'free', available_credits: 100 });
  });
});
