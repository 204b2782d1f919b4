/**
 * Smaller, in light colours, with everything open; each setting begins on a page of its own. The days lose their shared rows: those
 * are not broken well between pages.
 */
export const printStyle = `
@page{margin:16mm 14mm}
@media print{
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{max-width:none;padding:0;zoom:.72}
section.setting{break-before:page;border:0;margin:0;padding:0}
.day{display:block;grid-row:auto!important}
.days,figure,ul.findings li,.minutes,dl.facts,td details table,thead tr{break-inside:avoid}
h2,h3,h4,summary,caption,thead{break-after:avoid}
thead{display:table-header-group}
details::details-content{content-visibility:visible;block-size:auto}
summary{color:var(--text);list-style:none}
.back{display:none}
a{color:inherit;text-decoration:none}
}`;
