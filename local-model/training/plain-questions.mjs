/**
 * Measures short questions as people type them, which are no suite's, about a picture of one drawn thing: is it there, how many, is something else there.
 *
 *   npm run build && node local-model/training/plain-questions.mjs [--n 120] [--card]
 *
 * Things of the suite naming, levels 1 to 3, test split (unseen art style), with seeds of their own; what is not there is another item's thing.
 */

import { parseArgs } from 'node:util';
import { wilson } from '../../dist/benchmarks/index.js';
import { scenes } from '../../scripts/load-scenes.mjs';
import { askerOf, someItems } from './ask-scene.mjs';
import { writeCardSection } from './card-section.mjs';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '120' },
    model: { type: 'string', default: 'local:tiny' },
    card: { type: 'boolean', default: false },
  },
});
const asked = askerOf(values.model);
const perLevel = Math.ceil(Number(values.n) / 3);
const items = someItems({ suite: 'naming', subtasks: ['open'], levels: [1, 2, 3], perLevel, seed: 9_500 });
const classOf = new Map(scenes.objectClasses.map((entry) => [entry.name, entry]));

/** The next item's thing that is another one. */
function absentFrom(place) {
  const { answer: shown } = items[place];
  const later = [...items.slice(place + 1), ...items].find((item) => item.answer !== shown);
  return classOf.get(later.answer);
}

const there = ({ article, name }) => `Is there ${article} ${name} in the picture?`;
const howMany = ({ plural }) => `How many ${plural} are there?`;
const questions = [
  { what: 'there', ask: there, type: 'yesno', truth: 'yes' },
  { what: 'not there', ask: there, type: 'yesno', truth: 'no' },
  { what: 'there', ask: howMany, type: 'integer', truth: 1 },
  { what: 'not there', ask: howMany, type: 'integer', truth: 0 },
];

const percent = (share) => (100 * share).toFixed(0);
const lines = ['| question | the thing is | right | 95 % | refused | wrong | n |', '|---|---|---|---|---|---|---|'];
for (const { what, ask, type, truth } of questions) {
  const counts = { right: 0, refused: 0, wrong: 0 };
  for (const [place, item] of items.entries()) {
    const thing = what === 'there' ? classOf.get(item.answer) : absentFrom(place);
    const outcome = await asked({ ...item, answerSpec: { type, abstain: 'wrong' }, answer: truth }, item.scene, ask(thing));
    const kind = outcome === 'correct' ? 'right' : ['abstained', 'refused'].includes(outcome) ? 'refused' : 'wrong';
    counts[kind]++;
  }
  const { lower, upper } = wilson(counts.right, items.length);
  const words = ask({ article: 'a', name: '…', plural: '…' });
  const shares = [counts.right, counts.refused, counts.wrong].map((count) => `${percent(count / items.length)} %`);
  lines.push(
    `| ${words} | ${what} | ${shares[0]} | ${percent(lower)}–${percent(upper)} | ${shares[1]} | ${shares[2]} | ${items.length} |`,
  );
}
console.log(lines.join('\n'));
if (values.card) await writeCardSection('plain-questions', lines.join('\n'));
