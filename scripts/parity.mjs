/**
 * Prints how near each model family comes to transformers on the committed fixtures: `npm run parity`; with `-- --docs` it also writes docs/local.md's tables.
 * The same comparisons fail `npm test` where they go wrong (test/local-model/families.test.ts, embedding.test.ts).
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

/** Vocabularies of a few hundred entries, made by the same kind of trainer. */
const cutDown = 'cut-down';
/** What a reader may look for and not find. */
const notRun = ['siglip2 with pictures of any size (NaFlex)'];

const source = resolve('test/local-model/families-parity.ts');
const folder = resolve(`.build/parity-${process.pid}`);
await mkdir(folder, { recursive: true });
try {
  await build({
    entryPoints: [source],
    outfile: `${folder}/parity.mjs`,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    // The fixtures are found from where the source lies.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) },
    logLevel: 'warning',
  });
  const { FamilyFixture, familyNames, untestedFamilies, dualKinds, dualParity } = await import(
    pathToFileURL(`${folder}/parity.mjs`).href
  );
  const rows = [];
  let isGood = true;
  for (const name of familyNames) {
    const fixture = new FamilyFixture(name);
    await fixture.open();
    const results = [];
    for (const one of fixture.cases) results.push(await fixture.run(one));
    await fixture.close();
    const row = rowOf(name, fixture.family.name, results);
    isGood &&= row.isGood;
    rows.push(row.cells);
  }
  for (const name of untestedFamilies()) rows.push([name, name, 'untested', '', '', '', '', '', '']);
  const header = [
    'fixture',
    'model_type',
    'cases',
    'pixels exact',
    'rest within',
    'token ids',
    'logits within',
    'greedy',
    'tokenizer',
  ];
  const families = [header, ...rows];
  print(families);
  const dual = [['dual encoder', 'image embeddings within', 'text embeddings within', 'scores within', 'tokenizer']];
  for (const kind of dualKinds) {
    const { name, images, texts, scores } = await dualParity(kind);
    isGood &&= Math.max(images, texts, scores) < 1e-3;
    dual.push([name, ...[images, texts, scores].map((value) => value.toExponential(1)), cutDown]);
  }
  for (const name of notRun) dual.push([name, 'not run yet', '', '', '']);
  console.log();
  print(dual);
  console.log('\nReference: transformers 5.23 and torch 2.15 in fp32, random weights.');
  if (!isGood) process.exitCode = 1;
  else if (process.argv.includes('--docs')) await writeDocs(families, dual);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function rowOf(name, family, results) {
  const withPixels = results.filter((result) => result.hasPixels);
  const exact = Math.min(...withPixels.map((result) => result.exactPixels));
  const level = Math.max(...withPixels.map((result) => result.largestPixelDifference));
  const ids = results.filter((result) => same(result.ids, result.expectedIds)).length;
  const logits = Math.max(...results.map((result) => result.logitDifference));
  const greedy = results.filter((result) => same(result.greedy, result.expectedGreedy)).length;
  const steps = results.reduce((sum, result) => sum + result.expectedGreedy.length, 0);
  const count = results.length;
  return {
    isGood: exact >= 0.99 && level <= 1.001 && ids === count && logits < 1e-3 && greedy === count,
    cells: [
      name,
      family,
      String(count),
      `${(exact * 100).toFixed(2)} %`,
      `${level.toFixed(level < 0.01 ? 0 : 2)} levels`,
      `${ids}/${count} identical`,
      logits.toExponential(1),
      `${greedy}/${count} equal (${steps} tokens)`,
      cutDown,
    ],
  };
}

function same(first, second) {
  return first.length === second.length && first.every((value, index) => value === second[index]);
}

function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

async function writeDocs(...tables) {
  const page = 'docs/local.md';
  const text = await readFile(page, 'utf8');
  const rendered = tables.map((rows) => {
    const line = (cells) => `| ${cells.join(' | ')} |`;
    return [line(rows[0]), line(rows[0].map(() => '---')), ...rows.slice(1).map(line)].join('\n');
  });
  const filled = text.replace(
    /(<!-- parity -->\n)[\s\S]*?(<!-- \/parity -->)/,
    (_all, open, close) => `${open}\n${rendered.join('\n\n')}\n\n${close}`,
  );
  await writeFile(page, await format(filled, { ...(await resolveConfig(page)), parser: 'markdown' }));
}
