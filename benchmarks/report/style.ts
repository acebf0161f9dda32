/** The page's style sheet: one column of text, charts in two widths, light and dark by what the reader's system says. */

const light = `
  --paper: #fbfaf7; --surface: #ffffff; --ink: #1d2125; --muted: #666e75; --line: #e4e1da; --accent: #0b6e99; --shade: #f2f0ea;
  --good: #10713f; --bad: #b3361f;
  --outcome-correct: #2a8f6b; --outcome-wrong: #d1553a; --outcome-abstained: #8fa9c4; --outcome-refused: #7b62a8; --outcome-unparseable: #c9962b;
  --outcome-ambiguous: #e4c766; --outcome-provider-error: #6e747a; --outcome-budget-skipped: #c5c9cd;
  --model-0: #0b6e99; --model-1: #d1663a; --model-2: #3c8c4b; --model-3: #8a5aa8; --model-4: #b08518; --model-5: #c0436e; --model-6: #4d6bc6; --model-7: #7d6a4f; --blind-0: #666e75; --blind-1: #a3a9ae;
  --part-low: #4d86bf; --part-exact: #2a8f6b; --part-high: #d1553a; --part-mirror: #d99a2b; --part-other: #b8735f; --part-rest: #d9d6ce;`;

const dark = `
  --paper: #14171a; --surface: #1c2024; --ink: #e8e6e1; --muted: #9aa3ab; --line: #333a40; --accent: #58b4dc; --shade: #22272c;
  --good: #63cc95; --bad: #f08a72;
  --outcome-correct: #3fae86; --outcome-wrong: #e0694d; --outcome-abstained: #6d8fb3; --outcome-refused: #9a80c9; --outcome-unparseable: #d3a440;
  --outcome-ambiguous: #e0c565; --outcome-provider-error: #888f96; --outcome-budget-skipped: #4c545b;
  --model-0: #4fb0da; --model-1: #f0875b; --model-2: #6cc07b; --model-3: #bb8fdb; --model-4: #dbb145; --model-5: #ea7a9e; --model-6: #8aa2f0; --model-7: #c0a987; --blind-0: #9aa3ab; --blind-1: #666f77;
  --part-low: #6ba3da; --part-exact: #3fae86; --part-high: #e0694d; --part-mirror: #e2ad4c; --part-other: #cc8b77; --part-rest: #434a51;`;

export const pageStyle = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
:root[data-theme='light'] { color-scheme: light; ${light} }
:root[data-theme='dark'] { color-scheme: dark; ${dark} }
* { box-sizing: border-box; }
html { font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
main { max-width: 54rem; margin: 0 auto; padding: 3rem 1.5rem 5rem; }
header .name { margin: 0; color: var(--muted); font-size: .875rem; letter-spacing: .02em; }
h1 { font-size: 2rem; line-height: 1.2; margin: .25rem 0 .5rem; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.375rem; line-height: 1.3; margin: 3.5rem 0 .5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); letter-spacing: -.01em; }
h3 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
h4 { font-size: .9375rem; margin: 1.25rem 0 .5rem; color: var(--muted); font-weight: 600; }
p { margin: .5rem 0; }
.facts, .note, .muted, figcaption { color: var(--muted); }
.facts, .note, figcaption { font-size: .875rem; }
.facts { margin: 0; }
.verdicts { margin: 1.5rem 0 0; padding: 1.125rem 1.375rem; background: var(--surface); border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: .5rem; }
.verdicts p { margin: .375rem 0; }
.verdicts:not(.several) .verdict:first-of-type { font-size: 1.1875rem; line-height: 1.45; text-wrap: pretty; }
.verdicts .remark { color: var(--muted); font-size: .9375rem; }
.verdicts h3 { margin: 1rem 0 .25rem; font-size: .8125rem; text-transform: uppercase; letter-spacing: .06em; color: var(--muted); }
.verdicts h3:first-child { margin-top: 0; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; font-size: .875rem; }
nav a { color: var(--accent); text-underline-offset: .2em; }
.warning { margin: 1rem 0 0; padding: .625rem 1rem; border: 1px solid var(--outcome-unparseable); border-radius: .5rem; font-size: .9375rem; }
figure { margin: 1rem 0 0; }
.chart svg { display: block; max-width: 100%; height: auto; color: var(--ink); }
.chart svg text, .chart svg tspan { white-space: pre; }
.chart.narrow { display: none; }
.curves { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.25rem 1.5rem; }
.curves h4 { margin: 0; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0 .25rem; padding: 0; font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.swatch { width: .75rem; height: .75rem; border-radius: 3px; flex: none; }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .875rem; min-width: 100%; }
th, td { padding: .375rem .625rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
th { font-weight: 600; color: var(--muted); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.text, th.text { text-align: left; }
thead th { white-space: normal; vertical-align: bottom; }
tbody th { color: var(--ink); font-weight: 500; }
.slices { font-size: .8125rem; }
.slices th, .slices td { padding: .3125rem .375rem; }
.slices .slices th:first-child { padding-left: 0; }
.matrix td { text-align: center; min-width: 8rem; border: 1px solid var(--line); line-height: 1.35; }
.matrix thead th { text-align: center; }
.matrix .self { background: var(--shade); }
.matrix .better strong, .better-text { color: var(--good); }
.matrix .worse strong, .worse-text { color: var(--bad); }
.matrix small { color: var(--muted); font-size: .75rem; display: block; }
.filters { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; font-size: .875rem; margin: 1rem 0; padding: .625rem .875rem; background: var(--surface); border: 1px solid var(--line); border-radius: .5rem; }
.filters select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .375rem; padding: .125rem .375rem; max-width: 14rem; }
.filters output { margin-left: auto; color: var(--muted); }
.check { display: flex; gap: .375rem; align-items: center; }
kbd { font: inherit; font-size: .8125rem; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: .25rem; padding: 0 .3rem; background: var(--surface); color: var(--ink); }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; align-items: start; }
.sample { background: var(--surface); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; scroll-margin: 1rem; min-width: 0; }
.sample[hidden] { display: none; }
.sample:focus { outline: 3px solid var(--accent); outline-offset: 1px; }
.picture { position: relative; width: 100%; background: var(--shade); cursor: zoom-in; overflow: hidden; }
.picture.missing { padding: 2rem 1rem; text-align: center; color: var(--muted); font-size: .875rem; cursor: default; }
.picture img { width: 100%; height: 100%; display: block; object-fit: contain; }
.boxes { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.boxes rect { fill: none; stroke: #ff2d8d; }
.boxes rect.other { stroke: #7a8088; stroke-dasharray: 6 5; }
.without-boxes .boxes { display: none; }
.said { padding: .75rem .875rem .875rem; font-size: .875rem; }
.said p { margin: .25rem 0; }
.kind { color: var(--muted); font-size: .8125rem; }
.question { font-weight: 600; line-height: 1.4; }
.answer { padding-top: .3125rem; }
.answer:first-of-type { margin-top: .625rem; padding-top: .5rem; border-top: 1px solid var(--line); }
.answer p { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .375rem; margin: 0; }
.answer .muted { white-space: nowrap; }
.who { min-width: 0; overflow-wrap: anywhere; }
.read { font-weight: 600; }
.badge { display: inline-block; padding: 0 .45rem; border-radius: 1rem; font-size: .75rem; font-weight: 600; border: 1.5px solid currentColor; color: var(--muted); }
.badge.correct { color: var(--good); }
.badge.wrong { color: var(--bad); }
blockquote { margin: .375rem 0 0; padding: .375rem .625rem; background: var(--shade); border-radius: .25rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .8125rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; max-height: 12rem; overflow-y: auto; }
dialog { width: min(64rem, calc(100vw - 2rem)); max-height: calc(100vh - 2rem); padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--paper); color: var(--ink); }
dialog::backdrop { background: rgb(0 0 0 / .55); }
dialog .sample { display: grid; grid-template-columns: minmax(0, 1.2fr) minmax(0, 1fr); }
dialog .picture { cursor: default; max-height: 75vh; }
dialog .place { margin: 0 0 .5rem; color: var(--muted); font-size: .875rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .8125rem; }
@media (max-width: 720px) {
  thead th, tbody th { white-space: normal; }
  tr > :first-child { position: sticky; left: 0; background: var(--paper); }
  .matrix td { min-width: 7.5rem; }
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  .chart.wide { display: none; }
  .chart.narrow { display: block; }
  .curves { grid-template-columns: minmax(0, 1fr); }
  .filters output { margin-left: 0; }
  .keys { display: none; }
  dialog .sample { grid-template-columns: minmax(0, 1fr); }
}
@media print { nav, .filters, dialog, .keys { display: none; } .sample { break-inside: avoid; } body { background: none; } }
`;
