import { describe, expect, it, vi } from 'vitest';
import { confusableWith, renderScene, type RenderedBox, type SceneItem } from '../../benchmarks/scenes/index.js';
import { manyItems } from './many-items.js';

// Several hundred pictures are drawn here; a busy machine needs its time.
vi.setConfig({ testTimeout: 240_000 });

async function drawn(
  items: readonly SceneItem[],
  look: (item: SceneItem, boxes: readonly RenderedBox[]) => void,
): Promise<void> {
  for (const item of items) {
    const { boxes } = await renderScene(item.scene);
    look(item, boxes);
  }
}

/** The part of two intervals that both cover, over the shorter one. */
function overlapShare(from: number, length: number, otherFrom: number, otherLength: number): number {
  const shared = Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom);
  return shared / Math.min(length, otherLength);
}

describe('the id buffer agrees with the truth of', () => {
  it('counting: every counted thing is at least 60 % visible, none is half hidden, and as many as the answer says', async () => {
    const items = manyItems({ suites: ['counting'], each: 12, split: 'train' });
    await drawn([...items, ...manyItems({ suites: ['counting'], each: 6 })], (item, boxes) => {
      if (item.subtask === 'prior') return;
      for (const box of boxes) expect(box.visibleFraction, `${item.id} ${box.name}`).toBeGreaterThanOrEqual(0.6);
      expect(boxes.filter((box) => item.evidence.includes(box.id)).length, item.id).toBe(item.answer);
    });
  });

  it('counting priors: the parts are all drawn', async () => {
    await drawn(
      manyItems({ suites: ['counting'], each: 20 }).filter(({ subtask }) => subtask === 'prior'),
      (item, boxes) => {
        const parts = boxes.filter((box) => box.role === 'target');
        if (parts[0]?.name === 'star') return;
        const perAnswer = parts[0]?.name === 'square' ? 8 : 1;
        expect(parts.length, item.id).toBe(Number(item.answer) * perAnswer);
        for (const part of parts) expect(part.visibleFraction, item.id).toBeGreaterThan(0.25);
      },
    );
  });

  it('existence: yes means that exactly the asked thing is there and visible, no that it is not', async () => {
    await drawn(
      [
        ...manyItems({ suites: ['existence'], each: 12, split: 'train' }),
        ...manyItems({ suites: ['existence'], each: 8 }),
      ],
      (item, boxes) => {
        const asked = /(?:there|see|show) an? (.+?) in/.exec(item.questions[0] ?? '')?.[1];
        const found = boxes.filter((box) => box.name === asked);
        expect(found.length > 0, item.id).toBe(item.answer === 'yes');
        for (const box of boxes) expect(box.visibleFraction, item.id).toBeGreaterThanOrEqual(0.6);
        if (item.subtask !== 'binding') {
          const near = confusableWith(asked ?? '');
          for (const box of boxes) expect(near, item.id).not.toContain(box.name);
        }
      },
    );
  });

  it('spatial relations: a gap of half a thing, and half an overlap on the other axis', async () => {
    const items = [
      ...manyItems({ suites: ['spatial'], each: 12, split: 'train' }),
      ...manyItems({ suites: ['spatial'], each: 12 }),
    ];
    let looked = 0;
    await drawn(items, (item, boxes) => {
      const [first, second] = item.evidence.map((id) => boxes.find((box) => box.id === id)?.box);
      if (!item.subtask.startsWith('relation') && item.subtask !== 'prior') return;
      if (first === undefined || second === undefined) throw new Error(`${item.id} has no boxes`);
      looked++;
      const asked = /left of|right of|above|below/.exec(item.questions[0] ?? '')?.[0].replace(' of', '');
      const claimed = item.subtask === 'relation-yesno' ? asked : String(item.answer);
      const opposite: Record<string, string> = { left: 'right', right: 'left', above: 'below', below: 'above' };
      const truth = item.answer === 'no' ? opposite[claimed ?? ''] : claimed;
      const horizontal = truth === 'left' || truth === 'right';
      const [before, after] = truth === 'left' || truth === 'above' ? [first, second] : [second, first];
      const gap = horizontal ? after.x - before.x - before.width : after.y - before.y - before.height;
      const size = horizontal ? Math.max(first.width, second.width) : Math.max(first.height, second.height);
      expect(gap, item.id).toBeGreaterThanOrEqual(size / 2 - 2);
      const shared = horizontal
        ? overlapShare(first.y, first.height, second.y, second.height)
        : overlapShare(first.x, first.width, second.x, second.width);
      expect(shared, item.id).toBeGreaterThanOrEqual(0.5);
    });
    expect(looked).toBeGreaterThan(60);
  });

  it('corners: the thing lies wholly in its quarter', async () => {
    const items = manyItems({ suites: ['spatial'], each: 24 }).filter(({ subtask }) => subtask === 'corner');
    await drawn(items, (item, boxes) => {
      const box = boxes.find(({ id }) => id === item.evidence[0])?.box;
      if (box === undefined) throw new Error(`${item.id} has no box`);
      const { width, height } = item.scene;
      if (String(item.answer).endsWith('left')) expect(box.x + box.width, item.id).toBeLessThan(width / 2);
      else expect(box.x, item.id).toBeGreaterThan(width / 2);
      if (String(item.answer).startsWith('top')) expect(box.y + box.height, item.id).toBeLessThan(height / 2);
      else expect(box.y, item.id).toBeGreaterThan(height / 2);
    });
  });

  it('the outermost thing lies clear of the next one', async () => {
    const items = manyItems({ suites: ['spatial'], each: 30 }).filter(({ subtask }) => subtask === 'outermost');
    await drawn(items, (item, boxes) => {
      const side = /farthest to the (left|right)|(highest) up|(lowest) down/
        .exec(item.questions[0] ?? '')
        ?.slice(1)
        .find(Boolean);
      const edge = ({ box }: RenderedBox): number =>
        side === 'left'
          ? -box.x
          : side === 'right'
            ? box.x + box.width
            : side === 'highest'
              ? -box.y
              : box.y + box.height;
      const sorted = [...boxes].sort((left, right) => edge(right) - edge(left));
      expect(sorted[0]?.name, item.id).toBe(item.answer);
      expect(edge(sorted[0] as RenderedBox) - edge(sorted[1] as RenderedBox), item.id).toBeGreaterThan(10);
    });
  });

  it('reading: all text that is asked for lies on the picture, whole and uncovered', async () => {
    await drawn(manyItems({ suites: ['ocr'], each: 15 }), (item, boxes) => {
      const asked = boxes.filter(({ id }) => item.evidence.includes(id));
      expect(asked.length, item.id).toBeGreaterThan(0);
      for (const { box, visibleFraction } of asked) {
        expect(visibleFraction, item.id).toBeGreaterThan(0.99);
        expect(box.x, item.id).toBeGreaterThan(0);
        expect(box.y, item.id).toBeGreaterThan(0);
        expect(box.x + box.width, item.id).toBeLessThan(item.scene.width);
        expect(box.y + box.height, item.id).toBeLessThan(item.scene.height);
      }
    });
  });
});
