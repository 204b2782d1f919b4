import { severities } from '@headroom/core';
import type { LintFinding } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { numberText } from '../words.ts';

/** What its author should know of the setting, the worst first. */
export function lintFindings({ findings }: Assessment): Markup | undefined {
  if (findings.length === 0) return undefined;
  const ordered = severities.flatMap((wanted) =>
    findings.filter(({ severity }) => severity === wanted),
  );
  return markup`<h3>Lint (${numberText(findings.length)})</h3>
<ul class="findings">${ordered.map(findingItem)}</ul>
`;
}

function findingItem({ severity, rule, title, field, why, fix }: LintFinding): Markup {
  return markup`<li class="${severity}"><p><b class="severity">${severity}</b> <b>${title}</b> <span class="quiet">${rule}</span></p>
<dl><dt>At</dt><dd><code>${field}</code></dd><dt>Why</dt><dd>${why}</dd><dt>Do</dt><dd>${fix}</dd></dl></li>`;
}
