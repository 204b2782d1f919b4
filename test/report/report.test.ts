import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { aboutDays, fleetOf } from '../../services/cli/src/report/report.fixture.ts';
import { renderReport } from '../../services/cli/src/report/render-report.ts';
import { hasChromium, launchChromium } from './chromium.ts';
import {
  background,
  cutTexts,
  faintTexts,
  hiddenInPrint,
  openReport,
  overhangPx,
  parserError,
  unfold,
} from './opened-report.ts';
import type { Scheme } from './opened-report.ts';

const days = 2;
const schemes: readonly Scheme[] = ['light', 'dark'];
const widths = [1280, 400];
const views = schemes.flatMap((scheme) => widths.map((width) => ({ scheme, width })));

if (hasChromium) describe('the report in Chromium', inChromium);
else
  test('no Chromium is installed: nobody looks at the report here, but CI does', () => undefined);

function inChromium(): void {
  const html = renderReport(fleetOf(5, days), aboutDays(days));
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test.each(views)('can be read in $scheme, $width pixels wide', async ({ scheme, width }) => {
    const { page, complaints } = await openReport(browser, html, width, scheme);
    await unfold(page);
    expect(await overhangPx(page)).toBe(0);
    expect(await cutTexts(page)).toEqual([]);
    expect(await faintTexts(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('is light by day and dark by night', async () => {
    const colors = await Promise.all(
      schemes.map(async (scheme) => {
        const { page } = await openReport(browser, html, 1280, scheme);
        return background(page);
      }),
    );
    expect(colors).toEqual(['rgb(255, 255, 255)', 'rgb(20, 24, 29)']);
  });

  test('is well formed, and runs nothing that a name contains', async () => {
    const { page, complaints } = await openReport(browser, html, 1280, 'light');
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    expect(await parserError(page, html)).toBeNull();
    expect(await page.locator('script').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('is printed in light colours with everything open', async () => {
    const { page, complaints } = await openReport(browser, html, 1280, 'dark');
    expect(await hiddenInPrint(page)).toBe(0);
    expect(await background(page)).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(complaints).toEqual([]);
  });
}
