import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopMatcher } from '../../src/request/index.js';

function run(stops: readonly string[], pieces: readonly string[]): { text: string; stopped: boolean } {
  const matcher = new StopMatcher(stops);
  let text = '';
  for (const piece of pieces) {
    const match = matcher.push(piece);
    text += match.text;
    if (match.stopped) return { text, stopped: true };
  }
  return { text: text + matcher.flush(), stopped: false };
}

/** Cuts a text at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const sorted = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [...sorted, text.length].map((end, index) => text.slice(sorted[index - 1] ?? 0, end));
}

describe('StopMatcher', () => {
  it('ends an answer before a stop text, even one cut into many pieces', () => {
    expect(run(['STOP'], ['one S', 'T', 'O', 'P two'])).toEqual({ text: 'one ', stopped: true });
  });

  it('lets go of what only looked like the beginning of one', () => {
    expect(run(['STOP'], ['one ST', 'ART', ' STO'])).toEqual({ text: 'one START STO', stopped: false });
  });

  it('holds back no more than it must', () => {
    const matcher = new StopMatcher(['abc']);
    expect(matcher.push('xxab')).toEqual({ text: 'xx', stopped: false });
    expect(matcher.push('ab')).toEqual({ text: 'ab', stopped: false });
    expect(matcher.push('c')).toEqual({ text: '', stopped: true });
    expect(matcher.push('more')).toEqual({ text: '', stopped: true });
    expect(matcher.flush()).toBe('');
  });

  it('takes the one that is complete first, and the longer of two that end together', () => {
    expect(run(['abcd', 'bc'], ['xabcd'])).toEqual({ text: 'xa', stopped: true });
    expect(run(['bc', 'abc'], ['xabcd'])).toEqual({ text: 'x', stopped: true });
  });

  it('ignores empty stop texts, and passes everything on without any', () => {
    expect(run([''], ['a', 'b'])).toEqual({ text: 'ab', stopped: false });
    expect(new StopMatcher([]).push('at once')).toEqual({ text: 'at once', stopped: false });
  });

  it('gives the same however the answer is cut, and never any of a stop text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '\n'), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '\n'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        text,
        fc.array(stop, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(40)),
        (answer, stops, places) => {
          const whole = run(stops, [answer]);
          expect(run(stops, cut(answer, places))).toEqual(whole);
          expect(run(stops, answer.split(''))).toEqual(whole);
          for (const each of stops) expect(whole.text).not.toContain(each);
          expect(whole.stopped).toBe(stops.some((each) => answer.includes(each)));
          expect(answer.startsWith(whole.text)).toBe(true);
        },
      ),
    );
  });
});
