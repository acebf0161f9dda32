import { describe, expect, it } from 'vitest';
import { generateItems, generatorNames, type Answer } from '../../benchmarks/scenes/index.js';
import { itemOfScene, itemSchema, scoreResponse, type ItemRecord } from '../../benchmarks/scoring/index.js';
import { reply } from './records-in-tests.js';

/** What a model would write that does as the question asks. */
function asAsked(answer: Answer): string {
  if (answer === null) return 'unreadable';
  return typeof answer === 'object' ? answer.join(', ') : String(answer);
}

const items = generatorNames.flatMap((suite) =>
  ([1, 3, 5] as const).flatMap((level) =>
    generateItems({ suite, level, n: 60, twins: true }).map((item) => itemOfScene(item)),
  ),
);

function outcomeOf(item: ItemRecord, text: string): string {
  return scoreResponse(item, reply(text, { itemId: item.id })).outcome;
}

describe('generated questions', () => {
  it('are valid records', () => {
    for (const item of items) expect(itemSchema.parse(item)).toEqual(item);
  });

  it('are right when answered as they ask, plainly, as JSON and with a full stop', () => {
    const failed = items.filter((item) => {
      const text = asAsked(item.answer);
      const json = item.answer === null ? text : JSON.stringify({ answer: item.answer });
      return [text, json, `${text}.`].some((said) => outcomeOf(item, said) !== 'correct');
    });
    expect(failed.map(({ id, answer }) => [id, answer])).toEqual([]);
  });

  it('are right when a short sentence answers, capitals or bold type included', () => {
    const spoken = items.filter(({ answerSpec }) => answerSpec.type !== 'text');
    const failed = spoken.filter((item) => {
      const text = asAsked(item.answer);
      return [`**${text.toUpperCase()}**`, `The answer is ${text}.`, `Answer: ${text}`].some(
        (said) => outcomeOf(item, said) !== 'correct',
      );
    });
    expect(failed.map(({ id, answer }) => [id, answer])).toEqual([]);
  });

  it('are wrong when the expected wrong answer is given', () => {
    const biased = items.filter(({ expectedBias }) => expectedBias !== undefined && expectedBias !== null);
    expect(biased.length).toBeGreaterThan(20);
    const fooled = biased.filter((item) => outcomeOf(item, asAsked(item.expectedBias ?? null)) !== 'wrong');
    expect(fooled.map(({ id, answer, expectedBias }) => [id, answer, expectedBias])).toEqual([]);
  });

  it('are never right when the question is given back as the answer', () => {
    const fooled = items.filter((item) => outcomeOf(item, item.questions[0] ?? '') === 'correct');
    expect(fooled.map(({ id, questions, answer }) => [id, questions[0], answer])).toEqual([]);
  });
});
