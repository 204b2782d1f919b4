import { markShapes } from './charts/action-marks.ts';
import { markup } from './markup.ts';
import type { Markup } from './markup.ts';
import { style } from './style/style.ts';

/** Nothing is fetched and nothing runs, whatever a name in Azure may contain. */
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function page(title: string, body: Markup): string {
  // A style sheet is no text: what is escaped in it would be taken by its letters.
  const sheet: Markup = { markup: style };
  return markup`<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
<link rel="icon" href="data:,"/>
<style>${sheet}</style>
</head>
<body>
${markShapes}
${body}</body>
</html>
`.markup;
}
