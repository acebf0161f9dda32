/** Puts a text between two marks of the model card: `<!-- NAME:start -->` and `<!-- NAME:end -->`. */

import { readFile, writeFile } from 'node:fs/promises';

const card = new URL('../weights/README.md', import.meta.url);

export async function writeCardSection(name, text) {
  const written = await readFile(card, 'utf8');
  const open = `<!-- ${name}:start -->`;
  const [start, end] = [written.indexOf(open), written.indexOf(`<!-- ${name}:end -->`)];
  if (start < 0 || end < start) throw new Error(`The model card has no section ${name}.`);
  await writeFile(card, `${written.slice(0, start + open.length)}\n${text}\n${written.slice(end)}`);
}
