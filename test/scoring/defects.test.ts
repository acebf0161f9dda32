/** Every defect of a published scorer that reference/benchmarks.md lists in section 2.3, as something that ours does not do. */

import { describe, expect, it } from 'vitest';
import {
  anls,
  countingMetrics,
  countOutcomes,
  existenceMetrics,
  outcomeRates,
  scoreResponse,
  summariseScores,
  taskMetrics,
  type ItemRecord,
} from '../../benchmarks/scoring/index.js';
import { item, reply } from './records-in-tests.js';

const count = (answer: number): ItemRecord => item({ answerSpec: { type: 'integer' }, answer });
const yesNo = (answer: 'yes' | 'no', fields: Partial<ItemRecord> = {}): ItemRecord =>
  item({ answerSpec: { type: 'yesno' }, answer, task: 'existence', ...fields });
const outcomeOf = (of: ItemRecord, text: string): string => scoreResponse(of, reply(text)).outcome;

describe('VLMEvalKit CountBenchQA: the truth as a substring of the reply', () => {
  it('does not accept 12 or 20 for 2', () => {
    expect(outcomeOf(count(2), '12')).toBe('wrong');
    expect(outcomeOf(count(2), 'there are 20')).toBe('wrong');
    expect(outcomeOf(count(2), 'there are 2')).toBe('correct');
  });

  it('sees the overcount that was taken for right', () => {
    const score = scoreResponse(count(2), reply('12'));
    expect(countingMetrics([{ truth: 2, predicted: Number(score.parsed) }])).toMatchObject({
      overcountRate: 1,
      signedBias: 10,
    });
  });
});

describe('VLMEvalKit TallyQA: the first number from 0 to 20 anywhere', () => {
  it('does not take 2 from "In the 2 rows there are 7"', () => {
    const score = scoreResponse(count(7), reply('In the 2 rows there are 7'));
    expect(score).toMatchObject({ outcome: 'ambiguous', parsed: null });
    expect(outcomeOf(count(7), 'In the 2 rows there are 7. Answer: 7')).toBe('correct');
  });

  it('reads numbers above 20', () => {
    expect(outcomeOf(count(35), '35')).toBe('correct');
    expect(outcomeOf(count(35), 'thirty-five')).toBe('correct');
  });
});

describe('VLMEvalKit VLMBlind, touching circles: the label as a substring', () => {
  it('does not find "no" in "not", "now" and "known"', () => {
    for (const text of ['They are not apart.', 'They touch now.', 'This is a known figure.']) {
      expect(outcomeOf(yesNo('no'), text)).toBe('unparseable');
    }
    expect(outcomeOf(yesNo('no'), 'No, they are not.')).toBe('correct');
  });
});

describe('lmms-eval POPE: the yes-ratio of the truth', () => {
  it('counts the answers, so that a leaning towards yes is seen', () => {
    const answers = (['yes', 'no', 'yes', 'no'] as const).map((truth) => ({ truth, predicted: 'yes' as const }));
    expect(existenceMetrics(answers)).toMatchObject({ predictedYesRatio: 1, trueYesRatio: 0.5 });
  });
});

describe('lmms-eval POPE: the whole reply has to be the word', () => {
  it('reads "Yes." and keeps it in the denominators', () => {
    const items = [yesNo('yes', { id: 'a' }), yesNo('no', { id: 'b' })];
    const scores = items.map((of) => scoreResponse(of, reply('Yes.', { itemId: of.id })));
    expect(scores.map(({ outcome }) => outcome)).toEqual(['correct', 'wrong']);
    expect(taskMetrics(scores).existence).toMatchObject({ n: 2, precision: 0.5, recall: 1 });
  });
});

describe('POPE official: whatever holds no "no" is yes', () => {
  it('takes neither a refusal nor a failed call nor a statement for yes', () => {
    const of = yesNo('yes');
    const scores = [
      scoreResponse(of, reply("I'm sorry, I can't assist with that.")),
      scoreResponse(of, reply(undefined, { error: { kind: 'server', message: 'HTTP 500' } })),
      scoreResponse(of, reply('A dog lies on the grass.')),
    ];
    expect(scores.map(({ outcome }) => outcome)).toEqual(['refused', 'provider-error', 'unparseable']);
    expect(taskMetrics(scores).existence).toBeUndefined();
  });
});

describe('lmms-eval VLMsAreBlind: the first letter and the first digits of the reply', () => {
  it('does not take t from "The letter is k"', () => {
    const letters = item({ answerSpec: { type: 'choice', choices: ['k', 't', 'o'] }, answer: 'k' });
    expect(scoreResponse(letters, reply('The letter is k'))).toMatchObject({ outcome: 'correct', parsed: 'k' });
    const free = item({
      answerSpec: { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' },
      answer: 'k',
      task: 'ocr',
    });
    expect(outcomeOf(free, 'The letter is "k".')).toBe('correct');
  });

  it('does not take the first digits for the count', () => {
    expect(outcomeOf(count(2), '2 lines cross 1 time')).toBe('ambiguous');
    expect(outcomeOf(count(1), '2 lines cross {1} time')).toBe('correct');
  });
});

describe('lmms-eval BLINK, CV-Bench, EmbSpatial: the first alphabetic character as the option', () => {
  it('does not take T from "The answer is (B)"', () => {
    const choice = item({
      answerSpec: { type: 'choice', choices: ['left', 'right', 'above'] },
      answer: 'right',
      task: 'spatial',
    });
    expect(scoreResponse(choice, reply('The answer is (B)'))).toMatchObject({ outcome: 'correct', parsed: 'right' });
    expect(outcomeOf(choice, 'A tall tree stands on the right')).toBe('correct');
  });
});

describe('lmms-eval budget stop: the rest of the items get a text', () => {
  it('makes a stopped run smaller, not less accurate', () => {
    const items = Array.from({ length: 10 }, (_, place) => ({
      ...count(3),
      id: `item-${place}`,
      cluster: `picture-${place}`,
    }));
    const scores = items.map((of, place) =>
      scoreResponse(
        of,
        place < 6 ? reply('3', { itemId: of.id }) : reply(undefined, { itemId: of.id, skipped: 'budget' }),
      ),
    );
    expect(summariseScores(scores)).toMatchObject({
      total: 10,
      asked: 6,
      accuracyOverAsked: 1,
      outcomes: { 'budget-skipped': 4 },
    });
  });

  it('knows the marker in files of that harness', () => {
    expect(outcomeOf(count(3), '[LMMS_EVAL_BUDGET_EXCEEDED]')).toBe('budget-skipped');
  });
});

describe('VLMEvalKit API failure: a sentence in the place of a reply', () => {
  it('is a failed call in files of that harness and is not scored', () => {
    for (const of of [count(3), yesNo('no')])
      expect(outcomeOf(of, 'Failed to obtain answer via API.')).toBe('provider-error');
    expect(outcomeRates(countOutcomes(['correct', 'provider-error']))).toMatchObject({
      asked: 1,
      accuracyOverAsked: 1,
    });
  });
});

describe('OCRBench: the truth as a substring makes insertions free', () => {
  const sign = item({
    answerSpec: { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' },
    answer: 'OPEN',
    task: 'ocr',
  });

  it('takes a page of invented text around the right word for wrong, and measures the invention', () => {
    const invented = 'WE ARE OPEN FROM NINE TO FIVE ON WEEKDAYS AND CLOSED ON SUNDAYS';
    const score = scoreResponse(sign, reply(invented));
    expect(score.outcome).toBe('wrong');
    expect(taskMetrics([score]).ocr).toMatchObject({ insertionRate: (invented.length - 4) / 4, deletionRate: 0 });
    expect(score.measures['longestInventedSpan']).toBeGreaterThan(40);
  });
});

describe('FSC-147 in lmms-eval: an unparsed reply is an error as large as the truth', () => {
  it('keeps format failures out of the counting error', () => {
    const items = [100, 100].map((answer, place) => ({ ...count(answer), id: `item-${place}` }));
    const scores = items.map((of, place) => scoreResponse(of, reply(place === 0 ? '98' : 'many', { itemId: of.id })));
    expect(scores[1]?.outcome).toBe('unparseable');
    expect(taskMetrics(scores).counting).toMatchObject({ n: 1, meanAbsoluteError: 2 });
    expect(summariseScores(scores)).toMatchObject({ asked: 2, answered: 1, coverage: 0.5 });
  });
});

describe('DocVQA ANLS: distance on normalised texts, length on raw ones', () => {
  it('does not change with padding', () => {
    const plain = anls('hello wrld', ['hello world']);
    expect(plain).toBeCloseTo(1 - 1 / 11, 12);
    expect(anls('   hello   wrld      ', ['hello world'])).toBe(plain);
    expect(anls('hello wrld', ['  hello    world  '])).toBe(plain);
  });
});
