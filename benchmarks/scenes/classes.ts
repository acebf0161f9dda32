/** The object classes: hand-picked names, their drawings' code points, and which of them must not share a scene. */

import { edgeColourTable } from './class-colours.js';
import { classTable, confusableGroups } from './class-table.js';
import type { ArtStyle, Colour } from './scene.js';

/** Which part of the world a class belongs to; adversarial questions ask for a neighbour from the same part. */
export type Category =
  'animal' | 'food' | 'plant' | 'sky' | 'vehicle' | 'building' | 'leisure' | 'clothing' | 'tool' | 'office' | 'home';

/** One kind of thing that can be drawn in every art style. */
export interface ObjectClass {
  readonly name: string;
  readonly plural: string;
  readonly article: 'a' | 'an';
  readonly category: Category;
  /** Unicode code point in hexadecimal, the file name in fluent-3d and the key in noto and twemoji. */
  readonly code: string;
  /** The icon's name in fxemoji, which has no code points. */
  readonly fxemoji: string;
  /** Other right answers to "What is this?". */
  readonly aliases: readonly string[];
}

const startsWithVowelSound = /^[aeiou]/i;

function readClasses(): ObjectClass[] {
  const classes: ObjectClass[] = [];
  let category: Category = 'animal';
  for (const line of classTable.trim().split('\n')) {
    if (line.startsWith('# ')) {
      category = line.slice(2) as Category;
      continue;
    }
    const [name = '', plural = '', code = '', fxemoji = '', aliases = ''] = line.split('|');
    classes.push({
      name,
      plural,
      article: startsWithVowelSound.test(name) ? 'an' : 'a',
      category,
      code,
      fxemoji,
      aliases: aliases === '' ? [] : aliases.split(','),
    });
  }
  return classes;
}

/** All classes, in the order of the table. */
export const objectClasses: readonly ObjectClass[] = readClasses();

const byName = new Map(objectClasses.map((entry) => [entry.name, entry]));

const confusable = new Map<string, Set<string>>();
for (const line of confusableGroups.trim().split('\n')) {
  const names = line.split(' ').map((name) => name.replaceAll('_', ' '));
  for (const name of names) {
    const known = confusable.get(name) ?? new Set<string>();
    for (const other of names) if (other !== name) known.add(other);
    confusable.set(name, known);
  }
}

/** The class of a name; throws a RangeError for an unknown one, which can only be a slip in this room. */
export function objectClass(name: string): ObjectClass {
  const found = byName.get(name);
  if (found === undefined) throw new RangeError(`No object class is called "${name}".`);
  return found;
}

const styleOrder: readonly ArtStyle[] = ['fluent-3d', 'twemoji', 'fxemoji', 'noto'];

const edgeColours = new Map(
  edgeColourTable
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', ...colours] = line.split('|');
      return [name, colours] as const;
    }),
);

/** The mean colour along the edge of a class's sprite in one style. */
export function edgeColour(entry: ObjectClass, style: ArtStyle): Colour {
  return `#${edgeColours.get(entry.name)?.[styleOrder.indexOf(style)] ?? '808080'}`;
}

/** The names that must not share a scene, or be asked about, together with this one. */
export function confusableWith(name: string): readonly string[] {
  return [...(confusable.get(name) ?? [])];
}

/** Whether two different classes may stand in one scene. */
export function distinct(left: ObjectClass, right: ObjectClass): boolean {
  return left.name !== right.name && !(confusable.get(left.name)?.has(right.name) ?? false);
}

/** The classes of a list that are distinct from every one of `others`. */
export function distinctFrom(classes: readonly ObjectClass[], others: readonly ObjectClass[]): ObjectClass[] {
  return classes.filter((candidate) => others.every((other) => distinct(candidate, other)));
}

/** "a dog", "an apple". */
export function withArticle(entry: ObjectClass): string {
  return `${entry.article} ${entry.name}`;
}
