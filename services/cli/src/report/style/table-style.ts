export const tableStyle = `
table{border-collapse:collapse;width:100%;font-size:14px;margin:8px 0 16px}
table,details table bdi{overflow-wrap:break-word}
caption{text-align:left;color:var(--quiet);padding:0 0 8px}
th,td{text-align:left;vertical-align:top;padding:8px 16px 8px 0;border-bottom:1px solid var(--rule)}
thead th{font-weight:600;color:var(--quiet);font-size:13px;vertical-align:bottom}
tbody th{font-weight:600}
td:last-child,th:last-child{padding-right:0}
.number{text-align:right;font-variant-numeric:tabular-nums}
td.number{white-space:nowrap}
th .quiet{display:block;font-weight:400}
td p{margin:0 0 4px}
.shares{display:flex;gap:1px;height:8px;margin:8px 0}
td .shares{width:96px;height:4px;margin:4px 0 0 auto}
.share{min-width:3px}
.share.reproduced{background:var(--good)}
.share.explained{background:repeating-linear-gradient(135deg,var(--warn) 0 3px,transparent 3px 5px)}
.share.unexplained{background:var(--bad)}
.minutes p{margin:16px 0 4px;font-size:14px}
.bar{display:flex;height:32px;min-width:4px}
.part{min-width:2px;flex-basis:0;overflow:hidden;white-space:nowrap;padding:6px 0 0 8px;font-size:13px;line-height:20px;color:var(--on-part);border-left:2px solid var(--page)}
.part:empty{padding:0}
.part:first-child{border-left:0}
.swatch{display:inline-block;width:12px;height:12px;margin-right:8px;vertical-align:-1px}
.dataAgeMs{background:var(--p1)}
.windowMs{background:var(--p2)}
.cooldownMs{background:var(--p3)}
.engineMs{background:var(--p4)}
.provisioningMs{background:var(--p5)}
@media screen and (min-width:721px),print{section>table>tbody>tr>th{min-width:128px}}
@media screen and (max-width:720px){
.part span{display:none}
table,tbody,tr,th,td,caption{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-bottom:1px solid var(--rule);padding:8px 0}
th,td,td.number{border:0;padding:2px 0;text-align:left;white-space:normal}
td{display:grid;grid-template-columns:128px minmax(0,1fr);gap:0 8px}
td::before{content:attr(data-label);color:var(--quiet)}
td .shares{margin-left:0}
td details td{grid-template-columns:96px minmax(0,1fr)}
}`;
