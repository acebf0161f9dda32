import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopMatcher } from '../../src/request/index.js';

function run(stops: readonly string[], pieces: readonly string[]): { text: string; stopped: boolean } {
  const matcher = new StopMatcher(stops);
  let text = '';
  for (const piece of pieces) {
    const result = matcher.push(piece);
    text += result.text;
    if (result.stopped) return { text, stopped: true };
  }
  return { text: text + matcher.flush(), stopped: false };
}

describe('StopMatcher', () => {
  it('holds back what could become a stop text', () => {
    const matcher = new StopMatcher(['</answer>']);
    expect(matcher.push('three</ans')).toEqual({ text: 'three', stopped: false });
    expect(matcher.push('wers')).toEqual({ text: '</answers', stopped: false });
  });

  it('takes the earliest of several stop texts', () => {
    expect(run(['b', 'ab'], ['xab'])).toEqual({ text: 'x', stopped: true });
  });

  it('equals a search in the whole text, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 }), { maxLength: 12 }),
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), { maxLength: 3 }),
        (pieces, stops) => {
          const whole = pieces.join('');
          const ends = stops.map((stop) => whole.indexOf(stop)).filter((index) => index >= 0);
          const expected = ends.length === 0 ? whole : whole.slice(0, Math.min(...ends));
          const result = run(stops, pieces);
          // Cut pieces may reveal a later but sooner complete stop text; text shown never contains one either way.
          expect(result.stopped).toBe(ends.length > 0);
          if (ends.length === 0) expect(result.text).toBe(whole);
          else expect(result.text.startsWith(expected) || expected.startsWith(result.text)).toBe(true);
          for (const stop of stops) expect(result.text.includes(stop)).toBe(false);
        },
      ),
    );
  });
});
