/**
 * Prints how near each model family comes to transformers on the committed fixtures: `npm run parity`.
 * The same comparisons fail `npm test` where they go wrong (test/local-model/families.test.ts, embedding.test.ts).
 */

import { mkdir, rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { build } from 'esbuild';

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
  for (const name of untestedFamilies()) rows.push([name, name, 'untested', '', '', '', '', '']);
  const header = ['fixture', 'family', 'cases', 'pixels exact', 'rest within', 'token ids', 'logits within', 'greedy'];
  print([header, ...rows]);
  const dual = [['dual encoder', 'image embeddings within', 'text embeddings within', 'scores within']];
  for (const kind of dualKinds) {
    const { name, images, texts, scores } = await dualParity(kind);
    isGood &&= Math.max(images, texts, scores) < 1e-3;
    dual.push([name, ...[images, texts, scores].map((value) => value.toExponential(1))]);
  }
  console.log();
  print(dual);
  console.log('\nReference: transformers 5.23 and torch 2.15 in fp32, random weights, cut-down tokenizers.');
  if (!isGood) process.exitCode = 1;
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
