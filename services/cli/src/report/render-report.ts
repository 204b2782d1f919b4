import type { Assessment } from '@headroom/scenario';
import type { ReportAbout } from './about.ts';
import { figuresOf, hurtMs, sumOf } from './figures.ts';
import type { Figures } from './figures.ts';
import { fleetSummary } from './fleet/fleet-summary.ts';
import { headlineOf, ledeOf } from './fleet/headline.ts';
import { settingsTable } from './fleet/settings-table.ts';
import type { ListedSetting } from './fleet/settings-table.ts';
import { foreign, markup, nothing } from './markup.ts';
import type { Markup } from './markup.ts';
import { page } from './page.ts';
import { settingSection } from './setting/setting-section.ts';
import { countText, dateText, timeText } from './words.ts';

export type { ReportAbout } from './about.ts';

/** A setting whose section was made where its samples were at hand: the rest needs none. */
export interface ReportedSetting {
  readonly assessment: Assessment;
  /** Of its section, and in no other. */
  readonly id: string;
  readonly section: string;
}

/**
 * Everything that was assessed, as one page of HTML that needs nothing else: no script, no request, no font. What hurts
 * most comes first. A function of its arguments alone.
 */
export function renderReport(assessments: readonly Assessment[], about: ReportAbout): string {
  const settings = assessments.map((assessment, index) => {
    const id = `setting-${index + 1}`;
    return { assessment, id, section: renderSection(assessment, id) };
  });
  return renderPage(settings, about);
}

/** The part of one setting. */
export function renderSection(assessment: Assessment, id: string): string {
  return settingSection(assessment, figuresOf(assessment), id).markup;
}

/** The page around the sections. */
export function renderPage(reported: readonly ReportedSetting[], about: ReportAbout): string {
  const settings = ordered(reported);
  const figures = sumOf(settings.map((setting) => setting.figures));
  const body = markup`<header>
<p class="kind">Headroom · assessment</p>
<h1>${headlineOf({ figures, from: about.from, to: about.to })}</h1>
<p class="lede">${ledeOf(figures)}</p>
<p class="about">${aboutText(about)}</p>
</header>
<main>
${settings.length > 0 ? fleetOf(settings, figures) : nothing}
${settings.map(({ section }) => ({ markup: section }))}
</main>
`;
  return page(`Headroom: ${about.resourceGroup ?? about.subscription}`, body);
}

function fleetOf(settings: readonly ListedSetting[], figures: Figures): Markup {
  const assessments = settings.map(({ assessment }) => assessment);
  return markup`${fleetSummary(assessments, figures)}
${settingsTable(settings)}
${howToRead()}`;
}

function ordered(reported: readonly ReportedSetting[]) {
  const all = reported.map((one) => ({ ...one, figures: figuresOf(one.assessment) }));
  return all.sort(
    (a, b) => hurtMs(b.figures) - hurtMs(a.figures) || byName(a.assessment, b.assessment),
  );
}

function byName(a: Assessment, b: Assessment): number {
  return a.history.setting.name < b.history.setting.name ? -1 : 1;
}

function aboutText(about: ReportAbout): Markup {
  const { subscription, resourceGroup, from, to, generatedAt, calls, version } = about;
  const group =
    resourceGroup === undefined ? '' : markup`, resource group ${foreign(resourceGroup)}`;
  const source =
    calls === undefined || calls === 0
      ? 'from what was fetched before'
      : `with ${countText(calls, 'call')} that read and none that wrote`;
  return markup`Subscription ${foreign(subscription)}${group}, ${dateText(from)} to ${dateText(to)}. Made ${timeText(generatedAt)}, ${source}, by Headroom ${version}. All times are UTC.`;
}

function howToRead(): Markup {
  return markup`<details class="reading"><summary>How to read this</summary>
<p>Headroom’s evaluator was run over the metrics that Azure Monitor has on record, with the capacity that Azure had. An action of Azure is <b>reproduced</b> where the evaluator finds the same direction and count within a minute; <b>explained</b> where it does so under a circumstance that is named, such as older data; else <b>unexplained</b>.</p>
<p><b>Held over a threshold</b>: a rule for scaling out was met, and neither acted. The rows below a metric say why.</p>
<p>Headroom’s own instances come from a run of the setting on its own, in which the metrics follow the number of instances. Where no such model fits, the run is refused and says so.</p>
</details>
`;
}
