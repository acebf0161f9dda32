import { describe, expect, it } from 'vitest';
import type { Point, SceneElement, SceneItem } from '../../benchmarks/scenes/index.js';
import { manyItems } from './many-items.js';

/** Drawings of one sub-task over all levels; the truth is worked out again from the elements alone. */
function drawings(subtask: string): SceneItem[] {
  const items = manyItems({ suites: ['geometric'], each: 112 }).filter((item) => item.subtask === subtask);
  expect(items.length).toBeGreaterThan(50);
  return items;
}

function only<Kind extends SceneElement['kind']>(item: SceneItem, kind: Kind): Extract<SceneElement, { kind: Kind }>[] {
  return item.scene.elements.filter(
    (element): element is Extract<SceneElement, { kind: Kind }> => element.kind === kind,
  );
}

/** Twice the signed area of a triangle. */
function side([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

describe('geometric drawings', () => {
  it('crossings: every pair of segments is looked at', () => {
    for (const item of drawings('crossings')) {
      const [first, second] = only(item, 'line');
      let count = 0;
      first?.points.slice(1).forEach((to, index) => {
        const from = first.points[index] as Point;
        second?.points.slice(1).forEach((otherTo, other) => {
          if (cross(from, to, second.points[other] as Point, otherTo)) count++;
        });
      });
      expect(count, item.id).toBe(item.answer);
    }
  });

  it('touching circles: the gap between the outer edges has the sign of the answer and is at least four pixels', () => {
    for (const item of drawings('touching-circles')) {
      const [first, second] = only(item, 'shape');
      if (first === undefined || second === undefined) throw new Error(item.id);
      const distance = Math.hypot(first.x - second.x, first.y - second.y);
      const gap = distance - (first.size + second.size) / 2 - first.strokeWidth;
      if (item.answer === 'yes') expect(gap, item.id).toBeLessThan(-3);
      else expect(gap, item.id).toBeGreaterThan(3);
    }
  });

  it('nested squares: each lies inside the one before, clear of its line, and is large enough to be seen', () => {
    for (const item of drawings('nested-squares')) {
      const squares = only(item, 'rectangle');
      expect(squares.length, item.id).toBe(item.answer);
      squares.slice(1).forEach((inner, index) => {
        const outer = squares[index] as (typeof squares)[number];
        const clear = outer.strokeWidth + 3;
        expect(inner.x - outer.x, item.id).toBeGreaterThanOrEqual(clear);
        expect(inner.y - outer.y, item.id).toBeGreaterThanOrEqual(clear);
        expect(outer.x + outer.width - inner.x - inner.width, item.id).toBeGreaterThanOrEqual(clear);
        expect(outer.y + outer.height - inner.y - inner.height, item.id).toBeGreaterThanOrEqual(clear);
      });
      expect(squares.at(-1)?.width, item.id).toBeGreaterThanOrEqual(12);
    }
  });

  it.each(['grid-blank', 'grid-text'])('%s: the ruled lines are one more than the rows and columns', (subtask) => {
    for (const item of drawings(subtask)) {
      const lines = only(item, 'line');
      const flat = lines.filter(({ points: [from, to] }) => from?.[1] === to?.[1]).length;
      expect([flat - 1, lines.length - flat - 1], item.id).toEqual(item.answer);
      if (subtask === 'grid-text') expect(only(item, 'text').length).toBe((flat - 1) * (lines.length - flat - 1));
    }
  });

  it.each(['overlapping-rings', 'overlapping-pentagons'])(
    '%s: neighbours overlap, the others do not coincide',
    (subtask) => {
      for (const item of drawings(subtask)) {
        const shapes = only(item, 'shape');
        expect(shapes.length, item.id).toBe(item.answer);
        shapes.slice(1).forEach((shape, index) => {
          const before = shapes[index] as (typeof shapes)[number];
          const distance = Math.hypot(shape.x - before.x, shape.y - before.y);
          expect(distance, item.id).toBeLessThan(shape.size);
          expect(distance, item.id).toBeGreaterThan(shape.size / 2);
        });
      }
    },
  );
});

describe('charts', () => {
  const items = manyItems({ suites: ['charts'], each: 60 });
  const marks = (item: SceneItem): SceneElement[] => item.scene.elements.filter(({ role }) => role === 'target');
  const height = (element: SceneElement | undefined): number =>
    element?.kind === 'rectangle'
      ? element.height
      : element?.kind === 'shape'
        ? 420 - element.y
        : element?.kind === 'sector'
          ? element.end - element.start
          : Number.NaN;

  it('read-off values lie where the axis says', () => {
    for (const item of items.filter(({ subtask }) => subtask === 'bar-value' || subtask === 'line-value')) {
      const scale = only(item, 'text')
        .filter(({ align }) => align === 'right')
        .map(({ text }) => Number(text));
      const asked = marks(item).find(({ id }) => id === item.evidence[0]);
      const read = (height(asked) / 370) * Math.max(...scale);
      const step = (scale[1] ?? 0) - (scale[0] ?? 0);
      expect(Math.abs(read - Number(item.answer)), item.id).toBeLessThan(step / 20);
    }
  });

  it('the outermost value is the asked one and stands clear', () => {
    for (const item of items.filter(({ subtask }) => subtask.endsWith('extreme'))) {
      const lowest = /lowest|smallest/.test(item.questions[0] ?? '');
      const sorted = marks(item).sort((left, right) =>
        lowest ? height(left) - height(right) : height(right) - height(left),
      );
      expect(sorted[0]?.id, item.id).toBe(item.evidence[0]);
      expect(Math.abs(height(sorted[0]) - height(sorted[1])), item.id).toBeGreaterThan(12);
    }
  });

  it('pies add up to a hundred and say so', () => {
    for (const item of items.filter(({ subtask }) => subtask === 'pie-percent')) {
      const shares = only(item, 'text').map(({ text }) => Number(/(\d+)%/.exec(text)?.[1]));
      expect(
        shares.reduce((sum, share) => sum + share, 0),
        item.id,
      ).toBe(100);
      expect(only(item, 'sector').at(-1)?.end, item.id).toBe(3600);
    }
  });
});
