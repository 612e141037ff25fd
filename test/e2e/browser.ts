import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const browser_path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Whether this machine has a browser to look at pages with. */
export const has_browser = browser_path !== undefined;

/** For a test's name: why it is skipped. */
export const unless_browser = has_browser ? '' : ' (skipped: no Chromium here; Debian has it as the package chromium)';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browser_path ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
