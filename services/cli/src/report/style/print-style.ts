/** A setting a page or more, in light colours, with everything open. */
export const printStyle = `
@page{margin:16mm 14mm}
@media print{
html{font-size:13px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{max-width:none;padding:0}
table,ul.findings dl,.minutes p{font-size:11px}
th,td{padding:4px 8px 4px 0}
svg.plot,ul.legend{font-size:10px}
section.setting{break-before:page;border:0;margin:0;padding:0}
figure,tr,ul.findings li,.day,.minutes,dl.facts{break-inside:avoid}
h2,h3,h4,caption,thead{break-after:avoid}
thead{display:table-header-group}
details::details-content{content-visibility:visible;block-size:auto}
summary{color:var(--text);list-style:none}
.back{display:none}
a{color:inherit;text-decoration:none}
}`;
