export const chartStyle = `
.shapes{position:absolute}
figure.chart{margin:16px 0 24px}
figcaption{font-size:14px;font-weight:600;margin-bottom:8px}
svg.plot{display:block;padding-left:44px;overflow:visible;font-size:12px}
svg.plot svg{overflow:visible}
svg.plot svg.stretched{overflow:hidden}
.plot text{fill:var(--quiet)}
.plot text.note,.plot text.reason{fill:var(--text);paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
.plot text.note{text-anchor:end}
.plot text.note.out{transform:translateY(-5px)}
.plot text.note.in{transform:translateY(13px)}
@media (min-width:721px),print{
.wide svg.plot{padding-right:136px}
.wide .plot text.note{text-anchor:start;transform:translate(8px,4px)}
}
.grid{stroke:var(--grid);stroke-width:1}
.line{fill:none;stroke-width:1.5;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.line.azure{stroke:var(--azure);stroke-width:3}
.line.headroom{stroke:var(--headroom);stroke-dasharray:6 2}
.line.metric{stroke:var(--metric)}
.line.metric.other{stroke:var(--other);stroke-width:1;stroke-dasharray:3 2;opacity:.75}
.band{fill:var(--band)}
.shade{fill:var(--shade)}
.level{fill:none;stroke:var(--text);stroke-width:1;stroke-dasharray:6 4;vector-effect:non-scaling-stroke}
.level.in{stroke-dasharray:2 4}
.held{fill:var(--held)}
.mark{fill:none;stroke-width:1.75;stroke:currentColor}
.mark .full,.full{fill:currentColor}
.mark.reproduced{color:var(--good)}
.mark.explained{color:var(--warn)}
.mark.unexplained{color:var(--bad)}
.mark.missed{color:var(--headroom)}
ul.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 24px;padding:0;margin:8px 0 0;font-size:13px;color:var(--quiet)}
figure ul.legend{padding-left:44px}
ul.legend li{margin:0;display:flex;align-items:center;gap:8px}
.key{flex:none}
h3 .key{margin-right:4px}
.days{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,296px),1fr));gap:8px 32px;margin-top:16px}
.day{display:grid;grid-template-rows:subgrid}
.day figure.chart{margin:0 0 16px;display:flex;flex-direction:column;justify-content:space-between}
@media screen and (max-width:560px){
.plot text.odd{display:none}
svg.plot{padding-left:36px}
figure ul.legend{padding-left:0}
}`;
