/** BlindTest's 40,960 published verdicts on four models: right or wrong without the reply, scores that cost nothing to replay. */

import { z } from 'zod';
import { OcelliError } from '../../../src/index.js';
import { recordVersion, type ItemAnswer, type ScoreRecord } from '../../scoring/index.js';
import { pairVerdicts, type Pairing, type Verdict } from '../../statistics/index.js';
import { pictureId, truthOf } from './items.js';

const verdictSchema = z.object({
  /** The picture by its hash in git: the two models saw the same bytes where it is the same. */
  imageGitBlob: z.string(),
  subtask: z.string(),
  /** Null where the published names do not hold it. */
  truth: z.string().nullable(),
  model: z.string(),
  /** 1 or 2. */
  prompt: z.number().int().min(1),
  correct: z.boolean(),
});

/** One published verdict. */
export type PublishedVerdict = z.infer<typeof verdictSchema>;

/**
 * Reads the lines of `verdicts.jsonl`.
 *
 * @param text the file's contents, unpacked
 * @throws OcelliError `invalid-request` for a line that is no verdict.
 * @example
 * readVerdicts(gunzipSync(await readFile('verdicts.jsonl.gz')).toString('utf8'));
 */
export function readVerdicts(text: string): PublishedVerdict[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const result = verdictSchema.safeParse(parsed(line));
      if (result.success) return result.data;
      throw new OcelliError('invalid-request', `Line ${index + 1} of the published verdicts is no verdict.`);
    });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** How often a model was right on a sub-task, over all pictures and both prompts. */
export interface PublishedAccuracy {
  readonly subtask: string;
  readonly model: string;
  readonly correct: number;
  readonly n: number;
}

/**
 * The accuracy table, repeated keys included, as it was published.
 *
 * @example
 * publishedAccuracies(verdicts).find(({ model }) => model === 'gpt-4o');
 */
export function publishedAccuracies(verdicts: readonly PublishedVerdict[]): PublishedAccuracy[] {
  const rows = new Map<string, { subtask: string; model: string; correct: number; n: number }>();
  for (const { subtask, model, correct } of verdicts) {
    const key = `${subtask} ${model}`;
    const row = rows.get(key) ?? { subtask, model, correct: 0, n: 0 };
    row.n++;
    row.correct += Number(correct);
    rows.set(key, row);
  }
  return [...rows.values()];
}

/** Two models on some sub-tasks under one prompt. */
export interface PublishedPair {
  readonly baseline: string;
  readonly candidate: string;
  readonly subtasks: readonly string[];
  /** 1 or 2; both where left out, which the tests then cluster by picture. */
  readonly prompt?: number;
}

/**
 * The pairs of two models, by picture and prompt. Pictures that are byte-identical have verdicts that disagree with themselves and cannot
 * be told apart: their keys are left out and counted.
 *
 * @example
 * pairPublished(verdicts, { baseline: 'gpt-4o', candidate: 'claude-3.5-sonnet', subtasks: ['grid-blank'], prompt: 1 });
 */
export function pairPublished(verdicts: readonly PublishedVerdict[], pair: PublishedPair): Pairing {
  const of = (model: string): Verdict[] =>
    verdicts
      .filter(
        (verdict) =>
          verdict.model === model &&
          pair.subtasks.includes(verdict.subtask) &&
          (pair.prompt === undefined || verdict.prompt === pair.prompt),
      )
      .map(({ subtask, imageGitBlob, prompt, correct }) => ({
        item: `${subtask} ${imageGitBlob}`,
        prompt,
        cluster: imageGitBlob,
        correct,
      }));
  return pairVerdicts(of(pair.baseline), of(pair.candidate));
}

/**
 * The verdicts as scores, for `compare`, `gate` and `report`: a run that was recorded elsewhere. All verdicts of a repeated key have
 * repeat 0, so that pairing finds the key repeated and leaves it out.
 *
 * @example
 * const scores = verdictScores(verdicts); // models are published:gpt-4o and so on
 */
export function verdictScores(verdicts: readonly PublishedVerdict[]): ScoreRecord[] {
  return verdicts.map(({ imageGitBlob, subtask, truth, model, prompt, correct }) => ({
    record: 'score',
    version: recordVersion,
    itemId: pictureId(imageGitBlob),
    suite: 'blindtest',
    ...kindOf(subtask, truth),
    subtask,
    cluster: imageGitBlob,
    model: `published:${model}`,
    prompt: prompt - 1,
    repeat: 0,
    parser: 'published',
    outcome: correct ? 'correct' : 'wrong',
    parsed: null,
    measures: {},
  }));
}

function kindOf(
  subtask: string,
  truth: string | null,
): { readonly truth: ItemAnswer; readonly task: ScoreRecord['task']; readonly answerType: ScoreRecord['answerType'] } {
  if (truth === null)
    return subtask === 'circled-word'
      ? { truth: null, task: 'ocr', answerType: 'text' }
      : { truth: null, task: 'counting', answerType: 'integer' };
  const { answerSpec, answer } = truthOf(subtask, truth);
  return { truth: answer, task: answerSpec.type === 'yesno' ? 'spatial' : 'counting', answerType: answerSpec.type };
}
