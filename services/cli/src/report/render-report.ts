import type { Assessment } from '@headroom/scenario';
import type { ReportAbout } from './about.ts';
import { figuresOf, hurtMs, sumOf } from './figures.ts';
import { fleetSummary } from './fleet/fleet-summary.ts';
import { headlineOf, ledeOf } from './fleet/headline.ts';
import { settingsTable } from './fleet/settings-table.ts';
import type { AssessedSetting } from './fleet/settings-table.ts';
import { foreign, markup, nothing } from './markup.ts';
import type { Markup } from './markup.ts';
import { page } from './page.ts';
import { settingSection } from './setting/setting-section.ts';
import { countText, dateText, timeText } from './words.ts';

export type { ReportAbout } from './about.ts';

/**
 * Everything that was assessed, as one page of HTML that needs nothing else: no script, no request, no font. What hurts
 * most comes first. A function of its arguments alone.
 */
export function renderReport(assessments: readonly Assessment[], about: ReportAbout): string {
  const settings = assessments.map((one, index) => renderSetting(one, `setting-${index + 1}`));
  return assembleReport(settings, about);
}

/** One setting's part of a page. All that the page needs of it besides is its assessment, of which it draws no chart any more. */
export function renderSetting(assessment: Assessment, id: string): RenderedSetting {
  const figures = figuresOf(assessment);
  return { assessment, figures, id, section: settingSection(assessment, figures, id) };
}

export interface RenderedSetting extends AssessedSetting {
  readonly section: Markup;
}

/** The page of settings that were rendered one by one. */
export function assembleReport(rendered: readonly RenderedSetting[], about: ReportAbout): string {
  const settings = rendered.toSorted(
    (a, b) => hurtMs(b.figures) - hurtMs(a.figures) || byName(a.assessment, b.assessment),
  );
  const assessments = settings.map(({ assessment }) => assessment);
  const figures = sumOf(settings.map((setting) => setting.figures));
  const hasSettings = settings.length > 0;
  const body = markup`<header>
<p class="kind">Headroom · assessment</p>
<h1>${headlineOf({ figures, from: about.from, to: about.to })}</h1>
<p class="lede">${ledeOf(figures)}</p>
<p class="about">${aboutText(about)}</p>
</header>
<main>
${hasSettings ? fleetSummary(assessments, figures) : nothing}
${hasSettings ? settingsTable(settings) : nothing}
${hasSettings ? howToRead() : nothing}
${settings.map(({ section }) => section)}
</main>
`;
  return page(`Headroom: ${about.resourceGroup ?? about.subscription}`, body);
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
<p>Over a threshold with nothing done: a rule for scaling out was met, and neither acted. The rows below a metric say why.</p>
<p>Headroom’s own instances come from a run of the setting on its own, in which the metrics follow the number of instances. Where no such model fits, the run is refused and says so.</p>
</details>
`;
}
