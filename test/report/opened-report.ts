import type { Browser, Page } from 'playwright-core';

export type Scheme = 'light' | 'dark';

/** A report as a reader has it before him, and what the browser complained of meanwhile. */
export interface OpenedReport {
  readonly page: Page;
  /** Messages of the console, errors, and requests for anything but the page itself. */
  readonly complaints: string[];
}

const address = 'http://report.invalid/';

/** The page is handed to the browser from here: nothing is asked of a network. */
export async function openReport(
  browser: Browser,
  html: string,
  width: number,
  colorScheme: Scheme,
): Promise<OpenedReport> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  await page.route('**', async (route) => {
    const url = route.request().url();
    if (url === address) return route.fulfill({ contentType: 'text/html', body: html });
    complaints.push(`request: ${url}`);
    await route.abort();
  });
  await page.goto(address);
  return { page, complaints };
}

/** A text whose contrast with what lies behind it is too low to be read: WCAG 2.2 asks for 4.5 to 1 (1.4.3). */
export interface FaintText {
  readonly text: string;
  readonly ratio: number;
}

const inPage = `
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const known = new Map();
const channels = (color) => {
  if (!known.has(color)) known.set(color, paint(color));
  return known.get(color);
};
const paint = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = (color) => {
  const [r, g, b] = channels(color).slice(0, 3).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (channels(color)[3] === 255) return color;
  }
  return 'white';
};
const hasText = (element) =>
  [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
const shown = [...document.querySelectorAll('body *')].filter(
  (element) => hasText(element) && element.tagName !== 'title' && element.checkVisibility({ contentVisibilityAuto: true }),
);
`;

/** One text for each pair of colours. */
export function faintTexts(page: Page): Promise<readonly FaintText[]> {
  return page.evaluate(`(() => {
    ${inPage}
    const pairs = new Map();
    for (const element of shown) {
      const isDrawn = element instanceof SVGElement;
      const style = getComputedStyle(element);
      const color = isDrawn ? style.fill : style.color;
      pairs.set(color + behind(element), [element.textContent.trim(), color, behind(element)]);
    }
    return [...pairs.values()].flatMap(([text, color, back]) => {
      const [a, b] = [luminance(color), luminance(back)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      return ratio < 4.5 ? [{ text, ratio }] : [];
    });
  })()`);
}

/** Texts that leave the page at a side, or are drawn too small to be read. */
export function cutTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(`(() => {
    ${inPage}
    return shown.filter((element) => {
      if (parseFloat(getComputedStyle(element).fontSize) < 11) return true;
      const { left, right, width } = element.getBoundingClientRect();
      return width > 1 && (left < 0 || right > document.documentElement.clientWidth);
    }).map((element) => element.textContent.trim());
  })()`);
}

/** How far it can be scrolled to the side. */
export function overhangPx(page: Page): Promise<number> {
  return page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}

export function background(page: Page): Promise<string> {
  return page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
}

/** What an XML parser says of it: nothing where it is well formed. */
export function parserError(page: Page, html: string): Promise<string | null> {
  return page.evaluate(
    `new DOMParser().parseFromString(${JSON.stringify(html)}, 'application/xhtml+xml').querySelector('parsererror')?.textContent ?? null`,
  );
}

/** Unfolds everything. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate('document.querySelectorAll("details").forEach((part) => (part.open = true))');
  await drawn(page);
}

/** What is folded away, and what is not, is known once the page has been drawn again. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  );
}

/** Parts of a page that are folded away and do not show when it is printed. */
export async function hiddenInPrint(page: Page): Promise<number> {
  await page.emulateMedia({ media: 'print' });
  await drawn(page);
  return page.evaluate(
    `[...document.querySelectorAll('details > :not(summary)')].filter((part) => !part.checkVisibility({ contentVisibilityAuto: true })).length`,
  );
}
