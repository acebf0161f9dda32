/** Scores a stored response against its item: pure, so that a new parser can score old responses again. */

import { OcelliError } from '../../src/index.js';
import { statedConfidence } from './confidence.js';
import { anls, numericFieldsMatch, readingErrors, textMatches, tokenF1 } from './ocr.js';
import type { Outcome } from './outcome.js';
import { parseReply, parserVersion } from './parse.js';
import type { AnswerValue, ParsedReply } from './reading.js';
import {
  recordVersion,
  type ItemAnswerSpec,
  type ItemRecord,
  type ResponseRecord,
  type ScoreRecord,
} from './records.js';
import { cleanReply } from './reply-text.js';

/** What other harnesses wrote in the place of a reply that never came; read so that their files can be scored. */
const placeholders: readonly (readonly [RegExp, Outcome])[] = [
  [/^\s*\[?LMMS_EVAL_BUDGET_EXCEEDED\]?\s*$/, 'budget-skipped'],
  [/^\s*Failed to obtain answer via API\.?\s*$/i, 'provider-error'],
];

/**
 * The score of one response.
 *
 * @throws OcelliError `invalid-request` where the response is to another item.
 * @example
 * scoreResponse(item, response).outcome; // 'correct'
 */
export function scoreResponse(item: ItemRecord, response: ResponseRecord): ScoreRecord {
  if (response.itemId !== item.id)
    throw new OcelliError('invalid-request', `The response is to "${response.itemId}" and the item is "${item.id}".`);
  const text = response.text ?? '';
  const unanswered = outcomeWithoutReply(response);
  const parsed = unanswered === undefined ? parseReply(text, item.answerSpec) : undefined;
  const outcome = unanswered ?? judge(item, parsed ?? { kind: 'unparseable' }, text);
  const confidence = parsed?.kind === 'answer' ? statedConfidence(text) : undefined;
  return {
    record: 'score',
    version: recordVersion,
    itemId: item.id,
    suite: item.suite,
    task: item.task,
    subtask: item.subtask,
    cluster: item.cluster,
    model: response.model,
    prompt: response.prompt,
    repeat: response.repeat,
    parser: parserVersion,
    outcome,
    parsed: parsed?.kind === 'answer' ? parsed.value : null,
    truth: item.answer,
    answerType: item.answerSpec.type,
    ...(item.expectedBias === undefined ? {} : { expectedBias: item.expectedBias }),
    ...(item.twin === undefined ? {} : { twin: item.twin }),
    ...(confidence === undefined ? {} : { confidence }),
    measures: parsed?.kind === 'answer' ? measure(item, parsed.value, text) : {},
  };
}

/** Outcomes that need no parser: the call failed, was skipped or was filtered. */
function outcomeWithoutReply(response: ResponseRecord): Outcome | undefined {
  if (response.skipped === 'budget' || response.error?.kind === 'budget-exceeded') return 'budget-skipped';
  if (response.error !== undefined) return response.error.kind === 'content-filter' ? 'refused' : 'provider-error';
  if (response.finishReason === 'content-filter') return 'refused';
  return placeholders.find(([pattern]) => pattern.test((response.text ?? '').slice(0, 100)))?.[1];
}

function judge(item: ItemRecord, parsed: ParsedReply, text: string): Outcome {
  const { answerSpec, answer } = item;
  switch (parsed.kind) {
    case 'answer':
      return isCorrect(item, parsed.value, text) ? 'correct' : 'wrong';
    case 'abstained':
      // The picture may say "unknown".
      if (answerSpec.type === 'text' && answer !== null && isCorrect(item, text, text)) return 'correct';
      return answer === null || (answerSpec.type === 'text' && answerSpec.abstain === 'right')
        ? 'correct'
        : 'abstained';
    case 'ambiguous':
    case 'refused':
    case 'unparseable':
      return parsed.kind;
    default:
      return parsed satisfies never;
  }
}

function isCorrect({ answerSpec, answer }: ItemRecord, value: AnswerValue, text: string): boolean {
  // Where nothing can be told, whatever is told is invented.
  if (answer === null) return false;
  switch (answerSpec.type) {
    case 'integer':
      return Math.abs(Number(value) - Number(answer)) <= (answerSpec.tolerance ?? 0);
    case 'yesno':
    case 'choice':
      return String(value).toLowerCase() === String(answer).toLowerCase();
    case 'pair':
      return String(value) === String(answer);
    case 'text': {
      const accepted = [String(answer), ...answerSpec.accept];
      return (
        textMatches(String(value), accepted, answerSpec.caseSensitive) ||
        textMatches(cleanReply(text), accepted, answerSpec.caseSensitive)
      );
    }
    default:
      return answerSpec satisfies never;
  }
}

/** The task's own numbers about an answer. */
function measure({ answerSpec, answer }: ItemRecord, value: AnswerValue, text: string): Record<string, number> {
  if (answer === null) return {};
  if (answerSpec.type === 'integer') return { signedError: Number(value) - Number(answer) };
  if (answerSpec.type !== 'text') return {};
  // What looks like a lead ("TOTAL: 5.00") may be on the picture.
  const whole = cleanReply(text).trim();
  const said = textMatches(whole, [String(answer)], answerSpec.caseSensitive) ? whole : String(value);
  return measureText(answerSpec, String(answer), said);
}

function measureText(
  { accept, caseSensitive }: Extract<ItemAnswerSpec, { type: 'text' }>,
  truth: string,
  reply: string,
): Record<string, number> {
  const { characters, words, longestInventedSpan } = readingErrors(truth, reply, caseSensitive);
  const numeric = [truth, ...accept]
    .map((text) => numericFieldsMatch(reply, text))
    .filter((match) => match !== undefined);
  return {
    characters: characters.referenceLength,
    substitutions: characters.substitutions,
    deletions: characters.deletions,
    insertions: characters.insertions,
    words: words.referenceLength,
    wordSubstitutions: words.substitutions,
    wordDeletions: words.deletions,
    wordInsertions: words.insertions,
    longestInventedSpan,
    // Similarity and words in common bound the longest replies as well: they are cut where the alignment is.
    anls: anls(reply.slice(0, 8 * (truth.length + 1_000)), [truth, ...accept]),
    tokenF1: tokenF1(reply, truth),
    ...(numeric.length === 0 ? {} : { numericExact: numeric.includes(true) ? 1 : 0 }),
  };
}
