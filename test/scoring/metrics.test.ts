import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alignUnits,
  anls,
  brierScore,
  countingMetrics,
  editCount,
  existenceMetrics,
  expectedCalibrationError,
  groupAccuracy,
  isMirrorOf,
  numericFieldsMatch,
  readingErrors,
  relaxedMatch,
  scoreResponse,
  selectiveAccuracy,
  spatialMetrics,
  statedConfidence,
  summariseScores,
  taskMetrics,
  textMatches,
  tokenF1,
} from '../../benchmarks/scoring/index.js';
import { item, reply } from './records-in-tests.js';

describe('counting', () => {
  it('tells direction, size and pull', () => {
    const metrics = countingMetrics([
      { truth: 3, predicted: 3 },
      { truth: 7, predicted: 5 },
      { truth: 4, predicted: 5 },
      { truth: 0, predicted: 2 },
      { truth: 5, predicted: 4, expectedBias: 4 },
    ]);
    expect(metrics).toMatchObject({
      n: 5,
      exact: 0.2,
      withinOne: 0.6,
      overcountRate: 0.4,
      undercountRate: 0.4,
      inventedRate: 1,
      biasRatio: 1,
    });
    expect(metrics?.signedBias).toBeCloseTo(0, 12);
    expect(metrics?.meanAbsoluteError).toBeCloseTo(6 / 5, 12);
    expect(metrics?.rootMeanSquareError).toBeCloseTo(Math.sqrt(10 / 5), 12);
    expect(metrics?.meanRelativeError).toBeCloseTo((2 / 7 + 1 / 4 + 1 / 5) / 4, 12);
    // Two of five answers are 5; one of five truths is.
    expect(metrics?.roundPreference).toBeCloseTo(0.2, 12);
    expect(metrics?.byTruth).toEqual([
      { bin: '0', n: 1, exact: 0 },
      { bin: '1-4', n: 2, exact: 0.5 },
      { bin: '5-9', n: 2, exact: 0 },
    ]);
    expect(countingMetrics([])).toBeUndefined();
  });

  it('has a slope of 1 for right answers and less where large counts are pulled down', () => {
    const truths = [1, 4, 8, 12];
    expect(countingMetrics(truths.map((truth) => ({ truth, predicted: truth })))?.slope).toBeCloseTo(1, 12);
    expect(countingMetrics(truths.map((truth) => ({ truth, predicted: Math.min(truth, 6) })))?.slope).toBeLessThan(0.6);
  });

  it('is right within the tolerance of the item', () => {
    const cells = item({ answerSpec: { type: 'integer', tolerance: 2 }, answer: 18 });
    expect(scoreResponse(cells, reply('20')).outcome).toBe('correct');
    expect(scoreResponse(cells, reply('21')).outcome).toBe('wrong');
  });
});

describe('places', () => {
  it('know their mirror images', () => {
    expect(isMirrorOf('left', 'right')).toBe(true);
    expect(isMirrorOf('top left', 'bottom left')).toBe(true);
    expect(isMirrorOf('top left', 'bottom right')).toBe(false);
    expect(isMirrorOf('above', 'left')).toBe(false);
  });

  it('tell mirror errors from others', () => {
    const metrics = spatialMetrics([
      { truth: 'left', predicted: 'right' },
      { truth: 'left', predicted: 'above' },
      { truth: 'below', predicted: 'below' },
      { truth: 'pink diamond', predicted: 'orange circle' },
    ]);
    expect(metrics).toMatchObject({ n: 4, accuracy: 0.25, confusion: { left: { right: 1, above: 1 } } });
    expect(metrics?.mirrorErrorRate).toBeCloseTo(1 / 3, 12);
    expect(metrics?.mirrorShareOfErrors).toBeCloseTo(1 / 3, 12);
  });

  it('count a group as right only as a whole, and an item with its mirrored twin as a group', () => {
    expect(groupAccuracy([{ group: 'a', correct: true }])).toBeUndefined();
    const spec = { type: 'choice', choices: ['left', 'right'] } as const;
    const one = item({ answerSpec: spec, answer: 'left', task: 'spatial' });
    const twin = { ...one, id: 'item-1~mirrored', answer: 'right', twin: { kind: 'mirrored', of: 'item-1' } };
    const always = [scoreResponse(one, reply('left')), scoreResponse(twin, reply('left', { itemId: twin.id }))];
    expect(taskMetrics(always).consistency).toEqual({ groups: 1, allRight: 0 });
    expect(taskMetrics(always).spatial).toMatchObject({ accuracy: 0.5, mirrorErrorRate: 0.5 });
  });
});

describe('existence', () => {
  it('separates sensitivity from bias', () => {
    const answers = (hits: number, alarms: number) => [
      ...Array.from({ length: 100 }, (_, place) => ({ truth: 'yes', predicted: place < hits ? 'yes' : 'no' }) as const),
      ...Array.from(
        { length: 100 },
        (_, place) => ({ truth: 'no', predicted: place < alarms ? 'yes' : 'no' }) as const,
      ),
    ];
    const fair = existenceMetrics(answers(84, 16));
    expect(fair?.dPrime).toBeCloseTo(2, 1);
    expect(fair?.criterion).toBeCloseTo(0, 12);
    const eager = existenceMetrics(answers(97, 50));
    expect(eager?.criterion).toBeLessThan(-0.5);
    expect(eager).toMatchObject({ accuracy: 0.735, balancedAccuracy: 0.735, recall: 0.97, falseAlarmRate: 0.5 });
    expect(eager?.f1).toBeCloseTo((2 * 97) / (2 * 97 + 50 + 3), 12);
    // Perfect answers keep a finite d′.
    expect(existenceMetrics(answers(100, 0))?.dPrime).toBeGreaterThan(4);
    expect(existenceMetrics([{ truth: 'yes', predicted: 'yes' }])?.dPrime).toBeUndefined();
  });
});

describe('reading', () => {
  it('counts substitutions, deletions and insertions of the textbook pair', () => {
    expect(alignUnits([...'kitten'], [...'sitting'])).toMatchObject({ substitutions: 2, deletions: 0, insertions: 1 });
    expect(alignUnits([...'abc'], [])).toMatchObject({ deletions: 3, referenceLength: 3 });
    expect(alignUnits([], [...'abc'])).toMatchObject({ insertions: 3, longestInsertion: 3 });
  });

  it('agrees with a plain distance on any two texts, and its edits account for both lengths', () => {
    const distance = (one: string[], other: string[]): number => {
      let row = other.map((_, place) => place + 1);
      for (const [i, unit] of one.entries()) {
        let diagonal = i;
        let before = i + 1;
        row = row.map((above, j) => {
          const next = Math.min(above + 1, before + 1, diagonal + Number(unit !== other[j]));
          diagonal = above;
          before = next;
          return next;
        });
      }
      return other.length === 0 ? one.length : (row.at(-1) ?? 0);
    };
    const text = fc.array(fc.constantFrom('a', 'b', '😀', ' '), { maxLength: 14 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const alignment = alignUnits(one, other);
        expect(editCount(alignment)).toBe(distance(one, other));
        expect(one.length - alignment.deletions + alignment.insertions).toBe(other.length);
      }),
    );
  });

  it('works on code points, on composed characters, and not on UTF-16 halves', () => {
    expect(readingErrors('😀😀', '😀', true).characters).toMatchObject({ deletions: 1, referenceLength: 2 });
    expect(readingErrors('é', 'e\u0301', true).cer).toBe(0);
  });

  it('tells words from characters and finds the longest invented span', () => {
    const errors = readingErrors('total 60.30', 'grand total 60.80', false);
    expect(errors.words).toMatchObject({ substitutions: 1, insertions: 1, deletions: 0 });
    expect(errors.wer).toBe(1);
    expect(errors.characters).toMatchObject({ substitutions: 1, insertions: 6 });
    expect(errors.longestInventedSpan).toBe(6);
    expect(errors.insertionRate).toBeCloseTo(6 / 11, 12);
  });

  it('counts the end of an endless reply as invented without aligning it', () => {
    const score = scoreResponse(
      item({
        answerSpec: { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' },
        answer: 'total 5',
        task: 'ocr',
      }),
      reply(`total 5 ${'lorem '.repeat(170_000)}`),
    );
    expect(score.outcome).toBe('wrong');
    expect(score.measures['insertions']).toBe(170_000 * 6);
    const long = alignUnits([...'a'.repeat(2_000)], [...'a'.repeat(50_000)]);
    expect(long).toMatchObject({ cut: true, insertions: 48_000, substitutions: 0, deletions: 0 });
  });

  it('takes one wrong digit in a total for a wrong number', () => {
    expect(numericFieldsMatch('RM 60.30', '60.30')).toBe(true);
    expect(numericFieldsMatch('1,060.30', '1060.30')).toBe(true);
    expect(numericFieldsMatch('60.80', '60.30')).toBe(false);
    expect(numericFieldsMatch('60.30 and 5', '60.30')).toBe(false);
    expect(numericFieldsMatch('word', 'word')).toBeUndefined();
  });

  it('has the ANLS and the relaxed accuracy of their papers', () => {
    expect(anls('hello', ['hello'])).toBe(1);
    expect(anls('hexxo', ['hello', 'hexlo'])).toBeCloseTo(0.8, 12);
    expect(anls('xxxxo', ['hello'])).toBe(0);
    expect(anls('', [''])).toBe(1);
    expect(relaxedMatch('42%', '42')).toBe(true);
    expect(relaxedMatch('104', '100')).toBe(true);
    expect(relaxedMatch('106', '100')).toBe(false);
    expect(relaxedMatch('$1,020', '1000')).toBe(true);
    expect(relaxedMatch('0', '0')).toBe(true);
    expect(relaxedMatch('0.001', '0')).toBe(false);
    expect(relaxedMatch('Blue', 'blue')).toBe(true);
    expect(tokenF1('total 5 x', '5 total')).toBeCloseTo(0.8, 12);
  });

  it('compares whole texts, their case only where it counts', () => {
    expect(textMatches('hospital.', ['HOSPITAL'], false)).toBe(true);
    expect(textMatches('hospital', ['HOSPITAL'], true)).toBe(false);
    expect(textMatches('the HOSPITAL', ['HOSPITAL'], false)).toBe(false);
    expect(textMatches('$15.22', ['15.22', '$15.22'], false)).toBe(true);
  });

  it('takes a word of doubt that is on the picture for what it is', () => {
    const spec = { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' } as const;
    const word = item({ answerSpec: spec, answer: 'UNKNOWN', task: 'ocr' });
    expect(scoreResponse(word, reply('unknown')).outcome).toBe('correct');
    expect(scoreResponse({ ...word, answer: 'SPIDER' }, reply('This is a spider.')).outcome).toBe('correct');
  });

  it('keeps a lead that is on the picture', () => {
    const receipt = item({
      answerSpec: { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' },
      answer: 'TOTAL: 5.00',
      task: 'ocr',
    });
    expect(scoreResponse(receipt, reply('TOTAL: 5.00'))).toMatchObject({
      outcome: 'correct',
      measures: { insertions: 0, deletions: 0 },
    });
  });

  it('rewards silence where nothing can be read and counts invention there', () => {
    const spec = { type: 'text', accept: [], caseSensitive: false, abstain: 'right' } as const;
    const blurred = item({ answerSpec: spec, answer: null, task: 'ocr' });
    const clear = item({ answerSpec: { ...spec, abstain: 'wrong' }, answer: '63', task: 'ocr', id: 'clear' });
    const scores = [
      scoreResponse(blurred, reply('unreadable')),
      scoreResponse(blurred, reply('17')),
      scoreResponse(clear, reply('unreadable', { itemId: 'clear' })),
    ];
    expect(scores.map(({ outcome }) => outcome)).toEqual(['correct', 'wrong', 'abstained']);
    expect(taskMetrics(scores).ocr).toMatchObject({ inventedWhereIllegible: 0.5, falseAbstentionRate: 1 });
  });
});

describe('numbers that are read', () => {
  const spec = { type: 'integer', minimum: 0, maximum: 9999 } as const;
  const asked = (id: string, answer: number, text: string) =>
    scoreResponse(item({ answerSpec: spec, answer, task: 'ocr', id }), reply(text, { itemId: id }));

  it('are exact, near by five percent, or farther off', () => {
    const { values, counting } = taskMetrics([asked('a', 40, '40'), asked('b', 40, '42'), asked('c', 40, '60')]);
    expect(values).toEqual({ n: 3, exact: 1 / 3, relaxedAccuracy: 2 / 3, meanRelativeError: (0 + 0.05 + 0.5) / 3 });
    expect(counting).toBeUndefined();
  });

  it('are also those in texts, which must be written alike to be exact', () => {
    const text = { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' } as const;
    const total = (id: string, said: string) =>
      scoreResponse(item({ answerSpec: text, answer: '60.30', task: 'ocr', id }), reply(said, { itemId: id }));
    const { values } = taskMetrics([
      total('a', '60.30'),
      total('b', '61.30'),
      total('c', '63.60'),
      total('d', 'unreadable'),
    ]);
    expect(values).toMatchObject({ n: 3, exact: 1 / 3, relaxedAccuracy: 2 / 3 });
  });
});

describe('names', () => {
  it('are told apart by what is taken for what, and by a word that is said for everything', () => {
    const spec = { type: 'text', accept: ['hound'], caseSensitive: false, abstain: 'wrong' } as const;
    const named = (id: string, answer: string, text: string) =>
      scoreResponse(item({ answerSpec: spec, answer, task: 'existence', id }), reply(text, { itemId: id }));
    const { names, ocr, existence } = taskMetrics([
      named('a', 'dog', 'hound'),
      named('b', 'wolf', 'Bear'),
      named('c', 'wolf', 'bear'),
      named('d', 'cow', 'bear'),
      named('e', 'cow', 'horse'),
    ]);
    expect(names).toEqual({
      n: 5,
      accuracy: 1 / 5,
      mistakes: [
        { truth: 'wolf', said: 'bear', n: 2 },
        { truth: 'cow', said: 'bear', n: 1 },
        { truth: 'cow', said: 'horse', n: 1 },
      ],
      favourite: { said: 'bear', share: 3 / 4 },
    });
    expect([ocr, existence]).toEqual([undefined, undefined]);
  });
});

describe('abstaining', () => {
  it('is counted of every kind of question, where it is right and where it is not', () => {
    const count = item({ answerSpec: { type: 'integer' }, answer: 3, id: 'count' });
    const absent = item({ answerSpec: { type: 'integer' }, answer: null, id: 'absent' });
    const of = (target: typeof count, text: string) => scoreResponse(target, reply(text, { itemId: target.id }));
    const { abstention } = taskMetrics([
      of(count, 'I cannot tell.'),
      of(count, '3'),
      of(count, '4'),
      of(count, '5'),
      of(absent, 'I cannot tell.'),
      of(absent, '7'),
    ]);
    expect(abstention).toEqual({ answerable: 4, falseAbstentionRate: 1 / 4, unanswerable: 2, inventedRate: 1 / 2 });
  });
});

describe('confidence', () => {
  it('is read in the ways people write it', () => {
    expect(statedConfidence('{3} (confidence: 80%)')).toBe(0.8);
    expect(statedConfidence('{"answer": 3, "confidence": 0.75}')).toBe(0.75);
    expect(statedConfidence('3. I am 95% sure.')).toBe(0.95);
    expect(statedConfidence('3, confidence 9/10')).toBe(0.9);
    expect(statedConfidence('3')).toBeUndefined();
  });

  it('is scored by Brier, by calibration and by what silence would buy', () => {
    const answers = [
      { confidence: 0.9, correct: true },
      { confidence: 0.9, correct: false },
      { confidence: 0.1, correct: false },
      { confidence: 0.1, correct: false },
    ];
    expect(brierScore(answers)).toBeCloseTo((0.01 + 0.81 + 0.01 + 0.01) / 4, 12);
    expect(expectedCalibrationError(answers)).toBeCloseTo(0.5 * 0.4 + 0.5 * 0.1, 12);
    expect(selectiveAccuracy(answers)?.curve).toEqual([
      { coverage: 0.5, accuracy: 0.5 },
      { coverage: 1, accuracy: 0.25 },
    ]);
    expect(selectiveAccuracy(answers)?.aurc).toBeCloseTo(0.5 * 0.5 + 0.5 * 0.75, 12);
    expect(expectedCalibrationError([])).toBeUndefined();
  });

  it('is calibrated where it should be: equal-mass bins of a perfect forecaster stay near zero', () => {
    const answers = Array.from({ length: 2_000 }, (_, place) => {
      const confidence = (place % 100) / 100;
      return { confidence, correct: Math.floor(place / 100) < confidence * 20 };
    });
    expect(expectedCalibrationError(answers)).toBeLessThan(0.03);
  });
});

describe('summaries', () => {
  it('average repeats of a question before they count it', () => {
    const items = Array.from({ length: 30 }, (_, place) =>
      item({ answerSpec: { type: 'integer' }, answer: 3, id: `i${place}`, cluster: `c${place}` }),
    );
    const scores = items.flatMap((of, place) =>
      [0, 1, 2, 3].map((repeat) => scoreResponse(of, reply(place % 2 === 0 ? '3' : '4', { itemId: of.id, repeat }))),
    );
    const once = summariseScores(scores.filter(({ repeat }) => repeat === 0));
    const all = summariseScores(scores);
    expect(all.total).toBe(120);
    expect(all.overAsked).toEqual(once.overAsked);
  });

  it('count what stands twice under one repeat as two questions: the interval is about the accuracy beside it', () => {
    const items = ['a', 'b', 'c'].map((id) => item({ answerSpec: { type: 'integer' }, answer: 3, id, cluster: id }));
    const [twice, ...others] = items;
    const scores = [...(twice === undefined ? [] : [twice, twice, twice]), ...others].map((of, place) =>
      scoreResponse(of, reply(place < 3 ? '3' : '4', { itemId: of.id })),
    );
    const { accuracyOverAsked, overAsked } = summariseScores(scores);
    expect([accuracyOverAsked, overAsked?.estimate]).toEqual([3 / 5, 3 / 5]);
  });
});
