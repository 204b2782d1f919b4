import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** Where Debian's package puts it. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Nothing that it might ask the network by itself, and no sandbox: in a container there is no right to one. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** CI says that it has to be there; elsewhere tests that need one are left out where there is none. */
export const hasChromium: boolean =
  process.env.HEADROOM_BROWSER === 'required' || existsSync(executablePath);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}
