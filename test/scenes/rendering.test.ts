import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import {
  noDegradations,
  renderScene,
  sceneVersion,
  seenXHeight,
  type Degradations,
  type Scene,
  type SceneElement,
} from '../../benchmarks/scenes/index.js';
import { fontFamilies, textWidth } from '../../benchmarks/scenes/fonts.js';

function sceneOf(elements: readonly SceneElement[], degradations: Partial<Degradations> = {}): Scene {
  return {
    version: sceneVersion,
    generator: 'test@1',
    width: 200,
    height: 100,
    background: { kind: 'plain', colour: '#ffffff' },
    elements,
    degradations: { ...noDegradations, ...degradations },
  };
}

function rectangle(id: string, x: number, y: number, width: number, height: number, fill = '#d62828'): SceneElement {
  return { kind: 'rectangle', id, role: 'target', name: id, x, y, width, height, fill, stroke: null, strokeWidth: 0 };
}

async function pixels(scene: Scene): Promise<Uint8ClampedArray> {
  const { png } = await renderScene(scene);
  const context = createCanvas(scene.width, scene.height).getContext('2d');
  context.drawImage(await loadImage(Buffer.from(png)), 0, 0);
  return context.getImageData(0, 0, scene.width, scene.height).data;
}

describe('the id buffer', () => {
  it('measures box, centre and visible fraction exactly', async () => {
    const { boxes } = await renderScene(
      sceneOf([rectangle('below', 20, 10, 40, 20), rectangle('over', 40, 10, 100, 20)]),
    );
    expect(boxes).toEqual([
      {
        id: 'below',
        name: 'below',
        role: 'target',
        box: { x: 20, y: 10, width: 20, height: 20 },
        centroid: { x: 29.5, y: 19.5 },
        visibleFraction: 0.5,
      },
      {
        id: 'over',
        name: 'over',
        role: 'target',
        box: { x: 40, y: 10, width: 100, height: 20 },
        centroid: { x: 89.5, y: 19.5 },
        visibleFraction: 1,
      },
    ]);
  });

  it('reports a thing that is wholly covered as not visible', async () => {
    const { boxes } = await renderScene(
      sceneOf([rectangle('hidden', 20, 20, 10, 10), rectangle('over', 10, 10, 50, 50)]),
    );
    expect(boxes[0]).toMatchObject({ visibleFraction: 0, box: { width: 0, height: 0 } });
  });

  it('turns with the picture', async () => {
    const { boxes } = await renderScene(sceneOf([rectangle('bar', 60, 45, 80, 10)], { rotation: 900 }));
    expect(boxes[0]?.box).toEqual({ x: 95, y: 10, width: 10, height: 80 });
  });

  it('finds a sprite where the scene puts it, as large as the scene says', async () => {
    const { boxes } = await renderScene(
      sceneOf([
        {
          kind: 'object',
          id: 'e1',
          role: 'target',
          name: 'banjo',
          object: 'guitar',
          style: 'noto',
          treatment: 'none',
          x: 100,
          y: 50,
          size: 80,
          rotation: 0,
          flip: false,
        },
      ]),
    );
    const box = boxes[0]?.box ?? { x: 0, y: 0, width: 0, height: 0 };
    expect(Math.abs(Math.max(box.width, box.height) - 80)).toBeLessThanOrEqual(3);
    expect(Math.abs(box.x + box.width / 2 - 100)).toBeLessThanOrEqual(2);
    expect(Math.abs(box.y + box.height / 2 - 50)).toBeLessThanOrEqual(2);
  });
});

describe('text', () => {
  it('comes out as wide as the font table says, kerning aside, in every family', async () => {
    for (const family of fontFamilies) {
      const text = 'Harbour 479';
      const { boxes } = await renderScene(
        sceneOf([
          {
            kind: 'text',
            id: 'e1',
            role: 'target',
            name: 'text',
            text,
            font: family.name,
            size: 24,
            x: 10,
            y: 60,
            align: 'left',
            colour: '#000000',
          },
        ]),
      );
      const width = boxes[0]?.box.width ?? 0;
      const expected = textWidth(family, 24, text);
      expect(width / expected, family.name).toBeGreaterThan(0.88);
      expect(width / expected, family.name).toBeLessThan(1.03);
    }
  });

  it('is as small to a model as the picture is scaled down, never larger', () => {
    expect(seenXHeight(100, { width: 512, height: 256 }, 256)).toBe(5);
    expect(seenXHeight(100, { width: 512, height: 256 }, 1024)).toBe(10);
  });
});

describe('degradations', () => {
  const edge = [rectangle('half', 0, 0, 100, 100, '#000000')];

  it('contrast draws every level towards mid grey', async () => {
    const data = await pixels(sceneOf(edge, { contrast: 50 }));
    expect([data[0], data[199 * 4]]).toEqual([64, 192]);
  });

  it('blur spreads an edge by its sigma and leaves flat parts', async () => {
    const data = await pixels(sceneOf(edge, { blur: 20 }));
    const row = Array.from({ length: 200 }, (_, x) => data[(50 * 200 + x) * 4] ?? 0);
    expect(row[50]).toBe(0);
    expect(row[150]).toBe(255);
    // A blurred step is the normal distribution: 16 % and 84 % lie one sigma to either side.
    expect(Math.abs((row[97] ?? 0) / 255 - 0.106)).toBeLessThan(0.04);
    expect(Math.abs((row[102] ?? 0) / 255 - 0.894)).toBeLessThan(0.04);
  });

  it('noise has the stated deviation and is the same every time', async () => {
    const scene = sceneOf([rectangle('grey', 0, 0, 200, 100, '#808080')], { noise: 10 });
    const data = await pixels(scene);
    const values = Array.from({ length: 20_000 }, (_, index) => data[index * 4] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - 128)).toBeLessThan(1);
    expect(Math.abs(deviation - 10)).toBeLessThan(1);
    expect(await pixels(scene)).toEqual(data);
  });

  it('JPEG leaves its traces near edges only', async () => {
    const clean = await pixels(sceneOf(edge));
    const data = await pixels(sceneOf(edge, { jpeg: 40 }));
    expect(data).not.toEqual(clean);
    expect(Math.abs((data[0] ?? 0) - (clean[0] ?? 0))).toBeLessThan(6);
  });
});
