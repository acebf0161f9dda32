/** Writes the tables of the docs from the data they describe; with --check it only says which page is out of date. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { estimateImage, fitTargetOf, portableDetailOf, findModel } from '../dist/src/estimate/index.js';
import { failureTable } from '../dist/src/index.js';
import { planFit } from '../dist/src/media/entry.js';
import * as testing from '../dist/src/testing/index.js';

const tables = {
  'failure-table': () =>
    markdownTable(
      ['error kind', 'what the router does', 'why'],
      Object.entries(failureTable).map(([kind, { action, why }]) => [
        `\`${kind}\``,
        { retry: 'retry, then next', next: 'next', stop: 'stop' }[action],
        why,
      ]),
    ),
  'feature-table': () => testing.renderFeatureTable(testing.featureMatrix),
  'detail-table': detailTable,
};

/** Google's words, without their common beginning; `auto` says nothing. */
const resolutions = { low: 'LOW', medium: 'MEDIUM', high: 'HIGH', original: 'ULTRA_HIGH' };

const check = process.argv.includes('--check');
const pages = (await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
let stale = 0;
for (const page of [...pages, 'README.md']) {
  const text = await readFile(page, 'utf8');
  const filled = text.replace(
    /(<!-- generated:([a-z-]+) -->\n)[\s\S]*?(<!-- \/generated -->)/g,
    (_all, open, name, close) => {
      const table = tables[name];
      if (table === undefined) throw new Error(`${page} asks for an unknown table "${name}"`);
      return `${open}\n${table().trim()}\n\n${close}`;
    },
  );
  const fresh = await format(filled, { ...(await resolveConfig(page)), parser: 'markdown' });
  if (fresh === text) continue;
  stale += 1;
  if (check) console.error(`${page} is out of date; run npm run docs`);
  else await writeFile(page, fresh);
}
if (check && stale > 0) process.exitCode = 1;

function markdownTable(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** One model for each way in which a detail is carried out, and what becomes of a phone's photo at each detail. */
function detailTable() {
  const photo = { width: 4032, height: 3024 };
  const details = ['low', 'medium', 'high', 'original', 'auto'];
  const models = [
    'openai:gpt-4o',
    'openai:gpt-6-astra',
    'openai:gpt-5.4',
    'openai:gpt-5-mini',
    'anthropic:claude-opus-5',
    'anthropic:claude-haiku-4-5',
    'google:gemini-2.5-flash',
    'google:gemini-3.5-flash',
    'local:tiny',
  ];
  const cell = (row, detail) => {
    const plan = planFit({ ...photo, mediaType: 'image/jpeg' }, fitTargetOf(row, detail, 1));
    const { tokens } = estimateImage({ model: row, ...photo, detail });
    const { wire } = portableDetailOf(row.imageRule, detail);
    const said = row.id.startsWith('google:') ? resolutions[wire] : wire;
    return `${said === undefined ? '' : `\`${said}\`, `}${plan.width} × ${plan.height}: **${tokens.toLocaleString('en')}**`;
  };
  const rows = models.map((id) => {
    const row = findModel(id);
    return [`\`${id}\``, ...details.map((detail) => cell(row, detail))];
  });
  return markdownTable(
    ['model', ...details.map((detail) => (detail === 'high' ? '`high` (default)' : `\`${detail}\``))],
    rows,
  );
}
