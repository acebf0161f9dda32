import { describe, expect, it } from 'vitest';
import { artFile } from '../../benchmarks/scenes/art.js';
import { packageFolder } from '../../benchmarks/scenes/packages.js';
import {
  artSources,
  confusableWith,
  firstTestSeed,
  fontFamilies,
  generateItems,
  generatorNames,
  levels,
  objectClasses,
  wordSplit,
  type ArtStyle,
  type SceneItem,
} from '../../benchmarks/scenes/index.js';
import { manyItems } from './many-items.js';

function stylesIn(items: readonly SceneItem[]): Set<string> {
  return new Set(
    items.flatMap(({ scene }) =>
      scene.elements.flatMap((element) => (element.kind === 'object' ? [element.style] : [])),
    ),
  );
}

function fontsIn(items: readonly SceneItem[]): Set<string> {
  return new Set(
    items.flatMap(({ scene }) => scene.elements.flatMap((element) => (element.kind === 'text' ? [element.font] : []))),
  );
}

describe('training and testing', () => {
  const train = manyItems({ each: 60, split: 'train' });
  const test = manyItems({ each: 60, split: 'test' });

  it('share no art style: Noto is for testing only', () => {
    expect(stylesIn(train)).toEqual(new Set(['fluent-3d', 'twemoji', 'fxemoji']));
    expect(stylesIn(test)).toEqual(new Set(['noto']));
  });

  it('share no font', () => {
    const [known, held] = [fontsIn(train), fontsIn(test)];
    expect(held.size).toBeGreaterThan(3);
    expect(known.size).toBeGreaterThan(12);
    expect([...held].filter((font) => known.has(font))).toEqual([]);
  });

  it('can be held against new scenes in the look of training: its art, fonts and words, seeds that it never reaches', () => {
    const seen = generatorNames.flatMap((suite) =>
      levels.flatMap((level) => generateItems({ suite, level, n: 40, look: 'seen', twins: true })),
    );
    expect([...stylesIn(seen)].filter((style) => !stylesIn(train).has(style))).toEqual([]);
    expect([...fontsIn(seen)].filter((font) => fontsIn(test).has(font))).toEqual([]);
    expect(
      seen.every(
        ({ split, look, id, seed }) =>
          split === 'test' && look === 'seen' && id.includes('-seen') && seed >= firstTestSeed,
      ),
    ).toBe(true);
    const known = new Set([...train, ...test].map(({ sceneHash }) => sceneHash));
    expect(seen.filter(({ sceneHash }) => known.has(sceneHash))).toEqual([]);
    expect(() => generateItems({ suite: 'naming', level: 1, n: 1, split: 'train', look: 'seen' })).toThrow(
      /leave the look out/,
    );
  });

  it('share no seed: those from 1,000,000,000 on are for testing', () => {
    expect(Math.max(...train.map(({ seed }) => seed))).toBeLessThan(firstTestSeed);
    expect(Math.min(...test.map(({ seed }) => seed))).toBeGreaterThanOrEqual(firstTestSeed);
  });

  it('held-out words are never shown in training, and make about half of the words read in testing', () => {
    const read = (items: readonly SceneItem[]): string[] =>
      items
        .filter(({ subtask, twin }) => (subtask === 'word' || subtask === 'sign') && twin === undefined)
        .map(({ answer }) => String(answer));
    expect(read(train).filter((word) => wordSplit(word) === 'test')).toEqual([]);
    const held = read(test).filter((word) => wordSplit(word) === 'test').length / read(test).length;
    expect(held).toBeGreaterThan(0.3);
    expect(held).toBeLessThan(0.7);
  });
});

describe('object classes', () => {
  it('are at least 150, each with its own name, plural and drawing', () => {
    expect(objectClasses.length).toBeGreaterThanOrEqual(150);
    expect(new Set(objectClasses.map(({ name }) => name)).size).toBe(objectClasses.length);
    expect(new Set(objectClasses.map(({ code }) => code)).size).toBe(objectClasses.length);
    for (const { name, plural } of objectClasses) expect(plural.length, name).toBeGreaterThan(2);
  });

  it('have a drawing in all four styles', async () => {
    for (const style of Object.keys(artSources) as ArtStyle[]) {
      for (const { name } of objectClasses)
        expect((await artFile(style, name)).length, `${style} ${name}`).toBeGreaterThan(100);
    }
  });

  it('name only classes that exist as confusable, and in both directions', () => {
    const names = new Set(objectClasses.map(({ name }) => name));
    for (const name of names) {
      for (const other of confusableWith(name)) {
        expect(names, `${name}: ${other}`).toContain(other);
        expect(confusableWith(other)).toContain(name);
      }
    }
  });

  it('do not share an alias with a class that may stand beside them', () => {
    for (const one of objectClasses) {
      const called = new Set([one.name, ...one.aliases]);
      for (const other of objectClasses) {
        if (other === one || confusableWith(one.name).includes(other.name)) continue;
        expect(
          [other.name, ...other.aliases].filter((name) => called.has(name)),
          `${one.name}, ${other.name}`,
        ).toEqual([]);
      }
    }
  });
});

describe('an optional package that is not installed', () => {
  it('is named by the error', () => {
    expect(() => packageFolder('@expo-google-fonts/no-such-family')).toThrowError(
      expect.objectContaining({
        kind: 'invalid-request',
        message: expect.stringContaining('npm install @expo-google-fonts/no-such-family'),
      }),
    );
  });

  it('does not keep fonts from being measured', () => {
    for (const { name, advances, xHeight } of fontFamilies) {
      expect(advances.length, name).toBe(95);
      expect(xHeight, name).toBeGreaterThan(300);
    }
  });
});
