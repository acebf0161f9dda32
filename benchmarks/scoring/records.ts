/** The records of a run, one JSON object a line: items, responses and scores, each with a version, each read by the next step. */

import { z } from 'zod';
import { OcelliError } from '../../src/index.js';
import { outcomes } from './outcome.js';

/** Raised with every change that an older reader would misread. */
export const recordVersion = 1;

const answer = z.union([z.number(), z.string(), z.tuple([z.number(), z.number()]).readonly(), z.null()]);
const task = z.enum(['counting', 'spatial', 'existence', 'ocr']);

/** As in the scenes room, and with what data sets add: a tolerance, bounds that may be unknown, names of a pair. */
const answerSpec = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('integer'),
    minimum: z.number().exactOptional(),
    maximum: z.number().exactOptional(),
    /** An answer this far off is still right, as where cells at the border are not labelled. Default 0. */
    tolerance: z.number().min(0).exactOptional(),
  }),
  z.object({ type: z.literal('yesno') }),
  z.object({ type: z.literal('choice'), choices: z.array(z.string()).min(2).readonly() }),
  z.object({
    type: z.literal('text'),
    accept: z.array(z.string()).readonly(),
    caseSensitive: z.boolean(),
    abstain: z.enum(['wrong', 'right']),
  }),
  z.object({ type: z.literal('pair') }),
]);

/** One question about one picture. */
export const itemSchema = z.object({
  record: z.literal('item'),
  version: z.literal(recordVersion),
  id: z.string().min(1),
  suite: z.string().min(1),
  task,
  subtask: z.string(),
  /** The same question in several wordings. */
  questions: z.array(z.string().min(1)).min(1).readonly(),
  answerSpec,
  /** Null: the right thing is to say that it cannot be told. */
  answer,
  expectedBias: answer.exactOptional(),
  /** What items share that are not independent of each other: the scene, the picture. */
  cluster: z.string().min(1),
  /** The picture by its content; `path` is where it lay when the item was written. */
  picture: z
    .object({
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      width: z.number().int().positive().exactOptional(),
      height: z.number().int().positive().exactOptional(),
      path: z.string().exactOptional(),
    })
    .exactOptional(),
  /** Where things lie on the picture, in its pixels; the report draws them. `evidence`: the answer rests on it. */
  boxes: z
    .array(
      z.object({
        name: z.string(),
        x: z.number(),
        y: z.number(),
        width: z.number().min(0),
        height: z.number().min(0),
        evidence: z.boolean().exactOptional(),
      }),
    )
    .readonly()
    .exactOptional(),
  difficulty: z.record(z.string(), z.number()).exactOptional(),
  twin: z.object({ kind: z.string(), of: z.string() }).exactOptional(),
  split: z.enum(['train', 'test']).exactOptional(),
  /** A new scene in the art, fonts and words that training shows. */
  look: z.literal('seen').exactOptional(),
  generator: z
    .object({ name: z.string(), version: z.number().int(), seed: z.number().int(), level: z.number().int() })
    .exactOptional(),
  source: z.object({ name: z.string(), licence: z.string(), address: z.string().exactOptional() }).exactOptional(),
});

const usage = z.object({
  inputTokens: z.number().exactOptional(),
  cacheReadTokens: z.number().exactOptional(),
  cacheWriteTokens: z.number().exactOptional(),
  outputTokens: z.number().exactOptional(),
  reasoningTokens: z.number().exactOptional(),
  estimated: z.boolean(),
});

/** What came back for one item, model, wording and repeat. Exactly one of `text`, `error` and `skipped` is there. */
export const responseSchema = z.object({
  record: z.literal('response'),
  version: z.literal(recordVersion),
  itemId: z.string().min(1),
  /** `provider:model-id` as asked for. */
  model: z.string().min(1),
  /** The id that the server returned. */
  servedModel: z.string().exactOptional(),
  /** Index of the wording. */
  prompt: z.number().int().min(0),
  repeat: z.number().int().min(0),
  /** SHA-256 of the request really sent, picture bytes included. */
  requestHash: z.string().exactOptional(),
  executor: z.string(),
  text: z.string().exactOptional(),
  finishReason: z.enum(['stop', 'length', 'tool-calls', 'content-filter', 'other']).exactOptional(),
  /** An `OcelliError`, by kind. */
  error: z.object({ kind: z.string(), message: z.string() }).exactOptional(),
  skipped: z.literal('budget').exactOptional(),
  usage: usage.exactOptional(),
  costUsd: z.number().min(0).exactOptional(),
  latencyMs: z.number().min(0).exactOptional(),
  /** Every try, failed ones included. */
  attempts: z
    .array(
      z.object({
        outcome: z.string(),
        startedAt: z.number(),
        durationMs: z.number(),
        waitedMs: z.number().exactOptional(),
        status: z.number().exactOptional(),
        errorKind: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
  /** What was reserved in the run's ledger for it, so that a resumed run can book what a killed one could not. */
  reservations: z
    .array(
      z.object({
        id: z.string(),
        usd: z.number().exactOptional(),
        tokens: z.number().exactOptional(),
        estimated: z.boolean(),
      }),
    )
    .exactOptional(),
  /** ISO 8601. */
  at: z.string().exactOptional(),
});

/** What a response is worth. */
export const scoreSchema = z.object({
  record: z.literal('score'),
  version: z.literal(recordVersion),
  itemId: z.string().min(1),
  suite: z.string().min(1),
  task,
  subtask: z.string(),
  cluster: z.string().min(1),
  model: z.string().min(1),
  prompt: z.number().int().min(0),
  repeat: z.number().int().min(0),
  /** The version of the parser; `published` where a verdict was taken over without its reply. */
  parser: z.union([z.number().int(), z.literal('published')]),
  outcome: z.enum(outcomes),
  /** The answer that was read; null where none was. */
  parsed: answer,
  truth: answer,
  answerType: z.enum(['integer', 'yesno', 'choice', 'text', 'pair']),
  expectedBias: answer.exactOptional(),
  twin: z.object({ kind: z.string(), of: z.string() }).exactOptional(),
  confidence: z.number().min(0).max(1).exactOptional(),
  /** Numbers of the task's own, such as `signedError` or `insertions`. */
  measures: z.record(z.string(), z.number()),
});

export type ItemRecord = z.infer<typeof itemSchema>;
export type ItemAnswerSpec = ItemRecord['answerSpec'];
/** Null: it cannot be told. */
export type ItemAnswer = ItemRecord['answer'];
export type ResponseRecord = z.infer<typeof responseSchema>;
export type ScoreRecord = z.infer<typeof scoreSchema>;

/** What a file of records held. */
export interface ReadRecords<T> {
  readonly records: readonly T[];
  /** Lines that are no record of this kind, by number from 1; the others are kept. */
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
  /** The last line had no end and was no record: the writer was stopped within it. It is not among the problems. */
  readonly halfWritten: boolean;
}

/**
 * Reads JSON lines. A half-written last line and damaged lines are counted, all others kept.
 *
 * @throws OcelliError `invalid-request` for a record of a later version: it could only be misread.
 * @example
 * const { records, halfWritten } = readRecords(await readFile('scores.jsonl', 'utf8'), scoreSchema);
 */
export function readRecords<T extends z.ZodType>(text: string, schema: T): ReadRecords<z.infer<T>> {
  const records: z.infer<T>[] = [];
  const problems: { line: number; reason: string }[] = [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const read = readLine(line, index + 1, schema);
    if ('record' in read) records.push(read.record);
    else problems.push({ line: index + 1, reason: read.reason });
  }
  let halfWritten = false;
  if (last.trim() !== '') {
    const read = readLine(last, lines.length + 1, schema);
    if ('record' in read) records.push(read.record);
    else halfWritten = true;
  }
  return { records, problems, halfWritten };
}

function readLine<T extends z.ZodType>(
  line: string,
  number: number,
  schema: T,
): { readonly record: z.infer<T> } | { readonly reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { reason: 'This is no JSON.' };
  }
  const { version } = (typeof value === 'object' && value !== null ? value : {}) as { version?: unknown };
  if (typeof version === 'number' && version > recordVersion)
    throw new OcelliError(
      'invalid-request',
      `Line ${number} is a record of version ${version}; this release reads up to version ${recordVersion}. Update ocelli to read it.`,
    );
  const result = schema.safeParse(value);
  if (result.success) return { record: result.data };
  const [issue] = result.error.issues;
  return { reason: issue === undefined ? 'This is no such record.' : `${issue.path.join('.')}: ${issue.message}` };
}

/** One record as a line, its end included. */
export function recordLine(record: ItemRecord | ResponseRecord | ScoreRecord): string {
  return `${JSON.stringify(record)}\n`;
}
