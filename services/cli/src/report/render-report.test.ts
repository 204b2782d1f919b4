import { describe, expect, test } from '@jest/globals';
import { durationText, secondMs } from '@headroom/core';
import type { Assessment, ScaleOutMinutes } from '@headroom/scenario';
import { explanationTexts } from './setting/actions.ts';
import {
  aboutDays,
  busy,
  empty,
  fleetOf,
  hostile,
  hostileText,
  quiet,
  refused,
} from './report.fixture.ts';
import { renderPage, renderReport, renderSection } from './render-report.ts';

const days = 4;

function rendered(...assessments: readonly Assessment[]): string {
  return renderReport(assessments, aboutDays(days));
}

/** Where it says what it must not: a page is too long to be shown by a test that fails. */
function found(page: string, pattern: RegExp): readonly string[] {
  return page.match(new RegExp(pattern, `g${pattern.flags}`)) ?? [];
}

/** Of what a page has to say, what it does not. */
function missingIn(page: string, parts: readonly string[]): readonly string[] {
  return parts.filter((part) => !page.includes(part));
}

/** What a reader sees of it. */
function textOf(page: string): string {
  return page
    .replace(/<(style|title)[^>]*>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('the report', () => {
  test('says what was found in its heading', () => {
    const page = rendered(busy(days), quiet(days));
    const heading = /<h1>(.*?)<\/h1>/.exec(page)?.[1];
    expect(heading).toMatch(
      /^Headroom reproduces or explains \d+(\.\d)?\u00a0% of what Azure’s autoscale did in 4 days: \d+ of \d+ actions on 2 settings\.$/,
    );
  });

  test.each([
    ['no setting', [], 'No autoscale setting was found: there is nothing to assess.'],
    [
      'a setting without a history',
      [empty()],
      'No action of Azure’s autoscale is on record for this setting in 4 days.',
    ],
  ])('of %s says so', (_, assessments, sentence) => {
    expect(missingIn(rendered(...assessments), [`<h1>${sentence}</h1>`])).toEqual([]);
  });

  test('says how much of its scale-outs Azure’s engine spent without the data', () => {
    const one = busy(days);
    const known = one.actions.flatMap(({ minutes }) => minutes ?? []);
    const mean = (of: (minutes: ScaleOutMinutes) => number) =>
      durationText(
        Math.round(known.reduce((sum, each) => sum + of(each), 0) / known.length / secondMs) *
          secondMs,
      );
    const unseen = mean(({ dataAgeMs, engineMs }) => dataAgeMs + engineMs);
    const whole = mean(
      ({ dataAgeMs, windowMs, cooldownMs, engineMs, provisioningMs = 0 }) =>
        dataAgeMs + windowMs + cooldownMs + engineMs + provisioningMs,
    );
    const sentence = `A scale-out took ${whole} on average; for ${unseen} of it`;
    expect(missingIn(textOf(rendered(one)), [sentence])).toEqual([]);
    expect(found(rendered(empty()), /A scale-out took/)).toEqual([]);
  });

  test('shows every kind of finding', () => {
    const one = busy(days);
    const page = rendered(one);
    const text = textOf(page);
    const open = one.actions.flatMap(({ finding, at }) =>
      finding.kind === 'unexplained'
        ? [new Date(at).toISOString().slice(11, 16), finding.text]
        : [],
    );
    expect(open.length).toBeGreaterThan(0);
    const kinds = one.actions.flatMap(({ finding }) =>
      finding.kind === 'explained' ? [finding.by] : [],
    );
    expect(new Set(kinds)).toEqual(new Set(Object.keys(explanationTexts)));
    const parts = [
      ...open,
      ...kinds.map((by) => explanationTexts[by]),
      `${explanationTexts.dataAge} (no reading of Azure’s confirms the age)`,
      `${explanationTexts.predictive}: Azure’s word alone`,
      ...one.findings.flatMap(({ title, why, fix, field }) => [title, why, fix, field]),
      ...one.holds.map(({ reason }) => `${reason}, `),
      ...one.history.gaps,
      `Headroom would have acted, Azure did not (${one.missed.length})`,
    ];
    expect(missingIn(text, parts)).toEqual([]);
    expect(one.missed.length).toBeGreaterThan(0);
  });

  test('shows the inputs of an unexplained action', () => {
    const text = textOf(rendered(busy(days)));
    expect(
      found(
        text,
        /What Headroom found: \w+ \w+ .*Capacity \d+ .*Cooldown left 0: CpuUtilizationPercentage [\d.]+ &gt; 70/,
      ),
    ).toHaveLength(1);
  });

  test('says why a run on its own was refused', () => {
    const one = refused(days);
    if (one.backtest.kind !== 'refused') throw new Error('the fixture is of a refused one');
    expect(missingIn(textOf(rendered(one)), [`Refused: ${one.backtest.why}`])).toEqual([]);
  });

  test('of a setting that nothing happened to says that Azure did not scale it', () => {
    expect(missingIn(textOf(rendered(quiet(days))), ['Azure did not scale it.'])).toEqual([]);
  });

  test('of an empty history shows what could not be had, and no chart', () => {
    const page = rendered(empty());
    expect(found(page, /<figure/)).toEqual([]);
    expect(
      missingIn(textOf(page), [
        'Nothing is on record of it, so there was nothing to assess.',
        'What could not be had The resource of CpuUtilizationPercentage was not found',
      ]),
    ).toEqual([]);
    expect(found(textOf(page), /Over 30 days/)).toEqual([]);
  });

  test('begins with what hurts most', () => {
    const page = rendered(quiet(days), empty(), busy(days));
    const names = [...page.matchAll(/<h2 id="setting-\d+-name"><bdi>([^<]+)/g)];
    expect(names.map(([, name]) => name)).toEqual([
      'autoscale-chat-blue',
      'autoscale-idle',
      'autoscale-new',
    ]);
  });

  test('is the same for the same', () => {
    expect(rendered(busy(days))).toBe(rendered(busy(days)));
  });
});

describe('sections that were made elsewhere', () => {
  test('make the same page, without any sample', () => {
    const settings = [busy(days), quiet(days)].map((assessment, index) => {
      const id = `setting-${index + 1}`;
      const history = { ...assessment.history, samples: [], observed: [] };
      const section = renderSection(assessment, id);
      return { assessment: { ...assessment, history }, id, section };
    });
    const page = renderPage(settings, aboutDays(days));
    expect(page === rendered(busy(days), quiet(days))).toBe(true);
  });
});

describe('whatever a resource is called', () => {
  const page = rendered(hostile(2));

  test('its name is text', () => {
    expect(found(page, /<script/)).toEqual([]);
    const unquoted = page.replace(/"[^"]*"/g, '""');
    expect(found(unquoted, /<[^>]*\sonload=/)).toEqual([]);
    expect(
      missingIn(page, [
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x&#39;',
      ]),
    ).toEqual([]);
  });

  test('nothing in it turns the line around', () => {
    expect(hostileText).toContain('\u202E');
    expect(found(page, /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/)).toEqual([]);
  });

  test('the page stays well formed', () => {
    expect(unbalanced(page)).toEqual([]);
  });
});

describe('the page', () => {
  const page = renderReport(fleetOf(5, days), aboutDays(days));

  test('asks for nothing from anywhere', () => {
    const links = [...page.matchAll(/(?:href|src|srcset|action|data)="([^"]*)"/g)].map(
      ([, to]) => to,
    );
    expect(links.filter((to) => to !== 'data:,' && to?.startsWith('#') !== true)).toEqual([]);
    expect(found(page, /url\(|@import|<script|<img|<iframe|<object/)).toEqual([]);
    expect(
      missingIn(page, [`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;`]),
    ).toEqual([]);
  });

  test('closes every element that it opens', () => {
    expect(unbalanced(page)).toEqual([]);
  });

  test('links lead to places that there are', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
  });

  test('draws nothing that is no number', () => {
    expect(found(page, /NaN|Infinity|undefined/)).toEqual([]);
  });

  test('headings come in order', () => {
    const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
  });

  test('every chart says in words what is to be seen', () => {
    const plots = [...page.matchAll(/<svg class="plot"[^>]*>/g)].map(([plot]) => plot);
    expect(plots.length).toBeGreaterThan(10);
    expect(plots.filter((plot) => !/role="img" aria-label="[^"]{20,}"/.test(plot))).toEqual([]);
  });
});

/** Elements that are closed in another order than they were opened, or never. */
function unbalanced(page: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const body = page.replace(/<!DOCTYPE html>|<style>.*?<\/style>/gs, '');
  for (const [tag, end, name = '', self] of body.matchAll(/<(\/?)([a-z][\w]*)\b[^>]*?(\/?)>/gi)) {
    if (self === '/') continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) wrong.push(tag);
  }
  return [...wrong, ...open];
}
