import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has_browser, launchBrowser, unless_browser } from './browser.ts';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

describe.skipIf(!has_browser)(`a customer in a browser${unless_browser}`, () => {
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

  test('opens the checkout page, is declined, pays, and lands on the success URL with the plan', async () => {
    const token = await client.token(freshUser());
    const { body } = await client.post('/api/billing/checkout', { plan: 'pro' }, token);
    const page = await browser.newPage();
    await page.goto(String(body.checkout_url));
    await expect(page.locator('main').textContent()).resolves.toMatch(/Pro/);
    await expect(page.locator('main').textContent()).resolves.toMatch(/29\.00/);
    await page.getByLabel(/declin/i).check();
    await page.getByRole('button', { name: /pay|subscribe/i }).click();
    await expect(page.locator('main').textContent()).resolves.toMatch(/declined/i);
    await page.getByLabel(/succeeds$/).check();
    await page.getByRole('button', { name: /pay|subscribe/i }).click();
    await page.waitForURL(/success=true/);
    await client.idle();
    expect((await client.get('/api/credits', token)).body).toMatchObject({ plan: 'pro', available_credits: 1000 });
    await page.close();
  });

  test('leaves the checkout page and lands on the cancel URL, still on the free plan', async () => {
    const token = await client.token(freshUser());
    const { body } = await client.post('/api/billing/checkout', { plan: 'pro_plus', interval: 'year' }, token);
    const page = await browser.newPage();
    await page.goto(String(body.checkout_url));
    await page.getByRole('link', { name: /cancel|back/i }).click();
    await page.waitForURL(/canceled=true/);
    expect((await client.get('/api/credits', token)).body).toMatchObject({ plan: 'free' });
    await page.close();
  });
});
