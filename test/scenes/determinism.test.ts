import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { canonicalJson, generateItems, generators, renderScene, sceneHash } from '../../benchmarks/scenes/index.js';
import { manyItems } from './many-items.js';

vi.setConfig({ testTimeout: 120_000 });

/** One digest over the scenes and questions of a generator; a change here means a new generator version. */
function digestOf(suite: keyof typeof generators): string {
  const hash = createHash('sha256');
  for (const item of manyItems({ suites: [suite], each: 24 })) hash.update(canonicalJson(item));
  return hash.digest('hex').slice(0, 16);
}

describe('scenes from the same version, seed and parameters', () => {
  it('are the same for ever: any change to these digests needs a new generator version', () => {
    const digests = Object.fromEntries(
      Object.values(generators).map(({ name, version }) => [`${name}@${version}`, digestOf(name)]),
    );
    expect(digests).toMatchSnapshot();
  });

  it('do not depend on how many are generated or on what was generated before', () => {
    const few = generateItems({ suite: 'existence', level: 3, n: 3, seed: 5 });
    generateItems({ suite: 'counting', level: 1, n: 7 });
    const more = generateItems({ suite: 'existence', level: 3, n: 9, seed: 5 });
    expect(more.slice(0, 3)).toEqual(few);
  });

  it('keep the scenes of a sub-task when only that one is asked for', () => {
    const all = generateItems({ suite: 'ocr', level: 2, n: 44 }).filter(({ subtask }) => subtask === 'table');
    expect(generateItems({ suite: 'ocr', level: 2, n: 4, subtask: 'table' })).toEqual(all);
  });

  it('differ from seed to seed, level to level and split to split', () => {
    const hashes = [
      ...generateItems({ suite: 'counting', level: 3, n: 50, seed: 0 }),
      ...generateItems({ suite: 'counting', level: 3, n: 50, seed: 1 }),
      ...generateItems({ suite: 'counting', level: 4, n: 50, seed: 0 }),
      ...generateItems({ suite: 'counting', level: 3, n: 50, seed: 0, split: 'train' }),
    ].map((item) => item.sceneHash);
    expect(new Set(hashes).size).toBe(200);
  });

  it('are drawn to the same bytes twice', async () => {
    for (const item of manyItems({ each: 1, twins: false })) {
      const [first, second] = [await renderScene(item.scene), await renderScene(item.scene)];
      expect(Buffer.from(first.png).equals(Buffer.from(second.png)), item.id).toBe(true);
    }
  });
});

describe('a scene', () => {
  const items = manyItems({ each: 22 });

  it('is plain JSON: it survives being written and read', () => {
    for (const { scene } of items) expect(JSON.parse(JSON.stringify(scene))).toEqual(scene);
  });

  it('holds whole numbers only, so that no machine rounds it differently', () => {
    const look = (value: unknown): boolean =>
      typeof value === 'number'
        ? Number.isSafeInteger(value)
        : typeof value !== 'object' || value === null || Object.values(value).every(look);
    for (const { id, scene } of items) expect(look(scene), id).toBe(true);
  });

  it('has the same hash however its keys are ordered', () => {
    for (const { scene } of items.slice(0, 20)) {
      const turned = Object.fromEntries(Object.entries(scene).toReversed()) as typeof scene;
      expect(sceneHash(turned)).toBe(sceneHash(scene));
    }
  });

  it('names each element once, and evidence points to elements that exist', () => {
    for (const { id, scene, evidence } of items) {
      const ids = scene.elements.map((element) => element.id);
      expect(new Set(ids).size, id).toBe(ids.length);
      for (const pointed of evidence) expect(ids, id).toContain(pointed);
    }
  });

  it('keeps every element on the canvas', () => {
    for (const { id, scene } of items) {
      for (const element of scene.elements) {
        if (!('x' in element)) continue;
        expect(element.x, id).toBeGreaterThanOrEqual(0);
        expect(element.x, id).toBeLessThanOrEqual(scene.width);
        expect(element.y, id).toBeGreaterThanOrEqual(0);
        expect(element.y, id).toBeLessThanOrEqual(scene.height);
      }
    }
  });
});

describe('generateItems', () => {
  it('refuses what does not exist and says what does', () => {
    const refuse = (options: object): unknown => {
      try {
        return generateItems({ suite: 'counting', level: 1, n: 1, ...options });
      } catch (error) {
        return error;
      }
    };
    expect(refuse({ suite: 'counts' })).toMatchObject({
      kind: 'invalid-request',
      message: /counts.*counting, spatial/,
    });
    expect(refuse({ level: 6 })).toMatchObject({ kind: 'invalid-request', message: /1 to 5/ });
    expect(refuse({ n: 0 })).toMatchObject({ kind: 'invalid-request' });
    expect(refuse({ seed: 10_000 })).toMatchObject({ kind: 'invalid-request', message: /0 to 9999/ });
    expect(refuse({ seed: -1 })).toMatchObject({ kind: 'invalid-request' });
    expect(refuse({ split: 'dev' })).toMatchObject({ kind: 'invalid-request', message: /train.*test/ });
    expect(refuse({ subtask: 'cubes' })).toMatchObject({ kind: 'invalid-request', message: /shapes, objects/ });
  });
});
