import { chartStyle } from './chart-style.ts';
import { colors } from './colors.ts';
import { printStyle } from './print-style.ts';
import { tableStyle } from './table-style.ts';

/** Sizes are steps of 8 px; the letters are the system's. */
const pageStyle = `
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--page);color:var(--text);-webkit-text-size-adjust:100%}
body{max-width:1120px;margin:0 auto;padding:40px 24px 80px}
h1{font-size:28px;line-height:1.3;font-weight:600;margin:8px 0 16px;max-width:34em;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:22px;line-height:1.3;font-weight:600;margin:0 0 8px}
h3{font-size:16px;font-weight:600;margin:40px 0 8px}
h4{font-size:14px;font-weight:600;margin:0 0 8px}
p{margin:0 0 8px;max-width:46em}
ul,ol{margin:8px 0;padding-left:24px}
li{margin:4px 0}
a{color:var(--link);text-underline-offset:2px}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
p,li,dd,bdi{overflow-wrap:anywhere}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
:target{scroll-margin-top:16px}
header{border-bottom:1px solid var(--rule);padding-bottom:24px;margin-bottom:40px}
.kind{font-size:13px;letter-spacing:.04em;color:var(--quiet);margin:0}
.lede{font-size:17px}
.about,.quiet,.target,.more,.back{color:var(--quiet);font-size:14px}
.verdict{font-size:17px;margin:16px 0}
section.setting{border-top:1px solid var(--rule);margin-top:64px;padding-top:32px}
.target code{display:block}
.back{margin-top:32px}
details{margin:4px 0}
summary{cursor:pointer;color:var(--link);font-size:14px;padding:4px 0}
details.reading{margin:32px 0}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(168px,1fr));gap:16px 24px;margin:24px 0}
details dl.facts{grid-template-columns:repeat(auto-fill,minmax(112px,1fr));gap:8px 16px;margin:8px 0;font-size:14px}
dl.facts div{display:flex;flex-direction:column;justify-content:space-between}
dl.facts dt{font-size:13px;line-height:1.4;color:var(--quiet)}
dl.facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
ul.findings{list-style:none;padding:0}
ul.findings li{border-left:4px solid var(--rule);padding:4px 0 4px 16px;margin:16px 0}
ul.findings li.error{border-color:var(--bad)}
ul.findings li.warning{border-color:var(--warn)}
ul.findings p{margin:0}
ul.findings dl{display:grid;grid-template-columns:40px 1fr;gap:4px 8px;margin:4px 0 0;max-width:48em;font-size:14px}
ul.findings dt{color:var(--quiet)}
ul.findings dd{margin:0}
li.error .severity,b.error{color:var(--bad)}
li.warning .severity{color:var(--warn)}
ol.steps{font-size:14px}
@media screen and (max-width:560px){
body{padding:24px 16px 64px}
h1{font-size:23px}
h2{font-size:20px}
.lede,.verdict{font-size:16px}
dl.facts{grid-template-columns:repeat(2,1fr);gap:16px}
}`;

export const style: string = [colors, pageStyle, tableStyle, chartStyle, printStyle].join('\n');
