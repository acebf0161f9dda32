/** Writes the tables of the docs from the data they describe; with --check it only says which page is out of date. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { failureTable } from '../dist/src/index.js';
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
};

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
