/** BlindTest's questions ("Vision language models are blind", Rahmanzadehgervi et al. 2024) as items of the harness. */

import { z } from 'zod';
import { OcelliError } from '../../../src/index.js';
import { recordVersion, type ItemAnswer, type ItemAnswerSpec, type ItemRecord } from '../../scoring/index.js';

/** One line of `items.jsonl`: one picture with one of the two published prompts. */
const lineSchema = z.object({
  subtask: z.string(),
  image: z.string(),
  imageSha256: z.string(),
  imageGitBlob: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  prompt: z.number().int().min(1),
  question: z.string().min(1),
  answer: z.string().min(1),
  licence: z.string(),
  source: z.string(),
});
type Line = z.infer<typeof lineSchema>;

/** The address of the data, for the item's source. */
const address = 'https://github.com/anguyen8/vision-llms-are-blind';

/**
 * Items from the lines of `items.jsonl`: one for each picture, with both wordings, or one for each wording where the two ask for
 * different things (circles that touch and do not overlap).
 *
 * @param text the file's contents
 * @throws OcelliError `invalid-request` for a line that is no such record.
 * @example
 * blindTestItems(await readFile('blindtest/items.jsonl', 'utf8'));
 */
export function blindTestItems(text: string): ItemRecord[] {
  const pictures = new Map<string, Line[]>();
  for (const [index, written] of text.split('\n').entries()) {
    if (written.trim() === '') continue;
    const line = readLine(written, index + 1);
    pictures.set(line.imageGitBlob, [...(pictures.get(line.imageGitBlob) ?? []), line]);
  }
  return [...pictures.values()].flatMap((lines) => {
    const ordered = lines.toSorted((one, other) => one.prompt - other.prompt);
    const [first] = ordered;
    if (first === undefined) return [];
    if (ordered.every(({ answer }) => answer === first.answer))
      return [toItem(ordered, first, pictureId(first.imageGitBlob))];
    return ordered.map((line) => toItem([line], line, `${pictureId(line.imageGitBlob)}-p${line.prompt}`));
  });
}

/** The id of a picture's item. */
export function pictureId(blob: string): string {
  return `blindtest-${blob.slice(0, 12)}`;
}

function readLine(written: string, number: number): Line {
  const refuse = (why: string): never => {
    throw new OcelliError('invalid-request', `Line ${number} of the BlindTest items is not readable: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    return refuse('it is no JSON.');
  }
  const result = lineSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}`);
}

function toItem(lines: readonly Line[], line: Line, id: string): ItemRecord {
  const { answerSpec, answer } = truthOf(line.subtask, line.answer);
  return {
    record: 'item',
    version: recordVersion,
    id,
    suite: 'blindtest',
    task: answerSpec.type === 'yesno' ? 'spatial' : 'counting',
    subtask: line.subtask,
    questions: lines.map(({ question }) => question),
    answerSpec,
    answer,
    cluster: line.imageGitBlob,
    picture: { sha256: line.imageSha256, width: line.width, height: line.height, path: line.image },
    split: 'test',
    source: { name: line.source, licence: line.licence, address },
  };
}

/** The truth as the harness writes it; the published names hold "7,8" for seven rows and eight columns. */
export function truthOf(subtask: string, written: string): { answerSpec: ItemAnswerSpec; answer: ItemAnswer } {
  const text = written.toLowerCase();
  if (text === 'yes' || text === 'no') return { answerSpec: { type: 'yesno' }, answer: text };
  const numbers = text.split(/[,x]/).map(Number);
  const [one, other] = numbers;
  if (one !== undefined && numbers.every(Number.isInteger)) {
    if (numbers.length === 1) return { answerSpec: { type: 'integer' }, answer: one };
    if (numbers.length === 2 && other !== undefined) return { answerSpec: { type: 'pair' }, answer: [one, other] };
  }
  throw new OcelliError(
    'invalid-request',
    `The truth of a "${subtask}" question was "${written}"; expected a number, two, yes or no.`,
  );
}
