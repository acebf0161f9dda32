/**
 * Measures the bundled model where its drawings differ from training: grounds, wordings and shades that no lesson has.
 *
 *   npm run build && node local-model/training/shift.mjs [--n 60, 120 for the card] [--card]
 *
 * The shifts were made on 2026-11-24, after the second run, and are unchanged since. Items of the test split (unseen look) with seeds of their own are asked as they are and then with one
 * thing changed at a time, so each shift is compared on the same items. `--card` writes the table into the model card.
 */

import { parseArgs } from 'node:util';
import { comparePairs, pairVerdicts, wilson } from '../../dist/benchmarks/index.js';
import { askerOf, someItems } from './ask-scene.mjs';
import { writeCardSection } from './card-section.mjs';

const seed = 9_300;
const tasks = [
  ['counting', 'shapes'],
  ['counting', 'objects'],
  ['spatial', 'relation-shapes'],
  ['spatial', 'relation-objects'],
  ['existence', 'binding'],
  ['existence', 'adversarial'],
];

/** Other words for the same question; none of these is in the suites, or was in the lessons when they were chosen. */
const rewordings = [
  [/^How many (.+) are in the picture\?.*$/u, 'Say the exact quantity of $1 on display here, as digits.'],
  [/^Is there (an? .+) in the picture\?.*$/u, 'Yes or no, would you find $1 anywhere in this drawing?'],
  [
    /^Where is the (.+) relative to the (.+)\? Answer.*$/u,
    'Seen from the $2, towards which side lies the $1? One word: left, right, above or below.',
  ],
];

const mixed = (hex, target, share) =>
  `#${[1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
    .map((value) =>
      Math.round(value + (target - value) * share)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** Slanted hatching over a plain ground: the lessons know plain, graded, chequered and level-striped grounds. */
function hatched(scene) {
  const ground = scene.background.colour ?? scene.background.from;
  const ink = mixed(ground, 128, 0.22);
  const lines = [];
  for (let at = -scene.height; at < scene.width; at += 26)
    lines.push({
      kind: 'line',
      id: `hatch${lines.length}`,
      role: 'decor',
      name: '',
      points: [
        [at, scene.height],
        [at + scene.height, 0],
      ],
      colour: ink,
      width: 5,
    });
  return { ...scene, background: { kind: 'plain', colour: ground }, elements: [...lines, ...scene.elements] };
}

/** Every fill a third of the way to black, with a white rim: outside the band of shades a colour's name has in the lessons. */
function shaded(scene) {
  const elements = scene.elements.map((element) =>
    element.kind === 'shape' && element.fill !== null
      ? { ...element, fill: mixed(element.fill, 0, 0.3), stroke: '#ffffff', strokeWidth: 5 }
      : element,
  );
  return { ...scene, elements };
}

function reworded(question) {
  for (const [pattern, replacement] of rewordings)
    if (pattern.test(question)) return question.replace(pattern, replacement);
  throw new Error(`No other wording for "${question}".`);
}

const shifts = {
  'as in the suites': (item) => ({ scene: item.scene, question: item.questions[0] }),
  'hatched ground': (item) => ({ scene: hatched(item.scene), question: item.questions[0] }),
  'other wording': (item) => ({ scene: item.scene, question: reworded(item.questions[0]) }),
  'darker shades, white rims': (item) => ({ scene: shaded(item.scene), question: item.questions[0] }),
};

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '60' },
    model: { type: 'string', default: 'local:tiny' },
    card: { type: 'boolean', default: false },
  },
});
const asked = askerOf(values.model);

const itemsOf = (suite, subtask) =>
  someItems({
    suite,
    subtasks: [subtask],
    levels: [1, 2, 3, 4],
    perLevel: Math.ceil(Number(values.n) / 4),
    seed,
  });

const percent = (share) => (100 * share).toFixed(1);
const lines = ['| task | shift | right | 95 % | against the suites’ own | n |', '|---|---|---|---|---|---|'];
for (const [suite, subtask] of tasks) {
  const items = itemsOf(suite, subtask);
  let own;
  for (const [name, shift] of Object.entries(shifts)) {
    if (name.startsWith('darker') && !['shapes', 'relation-shapes', 'binding'].includes(subtask)) continue;
    const verdicts = [];
    for (const item of items) {
      const { scene, question } = shift(item);
      verdicts.push({ item: item.id, prompt: 0, cluster: item.cluster, correct: (await asked(item, scene, question)) === 'correct' });
    }
    const right = verdicts.filter(({ correct }) => correct).length;
    const { lower, upper } = wilson(right, verdicts.length);
    own ??= verdicts;
    const { difference } = comparePairs(pairVerdicts(own, verdicts).pairs);
    const against =
      own === verdicts
        ? ''
        : `${percent(difference.estimate)} (${percent(difference.lower)} to ${percent(difference.upper)})`;
    lines.push(
      `| ${suite} ${subtask} | ${name} | ${percent(right / verdicts.length)} % | ${percent(lower)}–${percent(upper)} | ${against} | ${verdicts.length} |`,
    );
  }
}
console.log(lines.join('\n'));
if (values.card) await writeCardSection('shift', lines.join('\n'));
