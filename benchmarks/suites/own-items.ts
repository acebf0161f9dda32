/** Items of one's own: `--items mine.jsonl` or `mine.csv`, a question about a picture in each line. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import { OcelliError } from '../../src/index.js';
import { itemSchema, recordVersion, type ItemAnswerSpec, type ItemRecord } from '../scoring/index.js';
import { readCsv } from './csv.js';
import type { ItemProblem, Suite, SuiteItem } from './suite.js';

/** What `answer` may be in a line; a pair may be written `5,6`. */
const answer = z.union([z.number(), z.string(), z.tuple([z.number(), z.number()]), z.null()]);

/** A line in few words; a whole item record is taken too. */
const shortItem = z.looseObject({
  id: z.string().optional(),
  suite: z.string().optional(),
  task: z.string().optional(),
  subtask: z.string().optional(),
  question: z.string().min(1).optional(),
  questions: z.array(z.string().min(1)).min(1).optional(),
  image: z.string().optional(),
  imageSha256: z.string().optional(),
  answerType: z.enum(['integer', 'yesno', 'choice', 'text', 'pair']).optional(),
  answer,
  choices: z.array(z.string()).optional(),
  tolerance: z.number().optional(),
  accept: z.array(z.string()).optional(),
  caseSensitive: z.boolean().optional(),
  cluster: z.string().optional(),
  licence: z.string().optional(),
  source: z.string().optional(),
});
type ShortItem = z.infer<typeof shortItem>;

const taskNames: Readonly<Record<string, ItemRecord['task']>> = {
  count: 'counting',
  counting: 'counting',
  spatial: 'spatial',
  exist: 'existence',
  existence: 'existence',
  ocr: 'ocr',
};
const taskOfType: Readonly<Record<ItemAnswerSpec['type'], ItemRecord['task']>> = {
  integer: 'counting',
  yesno: 'existence',
  choice: 'spatial',
  text: 'ocr',
  pair: 'counting',
};

/**
 * A suite over a file of one's own. Lines without truth, without a question or with a picture that is not there are left out and told.
 *
 * Fields: `question` (or `questions`), `image` (a path, seen from the file), `answer`; and where they are needed `id, task, subtask,
 * answerType, choices, tolerance, accept, caseSensitive, cluster, imageSha256, licence, source`. In a CSV file lists are separated by `|`.
 *
 * @throws OcelliError `invalid-request` when the file cannot be read or holds records of a later version
 * @example
 * const suite = await itemsOfFile('mine.csv');
 */
export async function itemsOfFile(path: string): Promise<Suite> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new OcelliError(
      'invalid-request',
      `The items "${path}" cannot be read (${code}). Name a .jsonl or .csv file.`,
    );
  }
  const name = basename(path, extname(path)).replace(/[^\w.-]+/g, '-');
  const lines = extname(path).toLowerCase() === '.csv' ? csvLines(text, path) : jsonLines(text);
  return {
    name,
    version: 1,
    description: `Items of ${path}.`,
    generators: [],
    levels: [],
    subtasks: [],
    items: async ({ n }) => {
      const problems: ItemProblem[] = [];
      const items: SuiteItem[] = [];
      const ids = new Set<string>();
      for (const line of lines) {
        if (items.length >= n) break;
        const made = await itemOf(line, { folder: dirname(resolve(path)), suite: name });
        if ('reason' in made) problems.push({ where: `line ${line.line}`, reason: made.reason });
        else if (ids.has(made.record.id))
          problems.push({ where: `line ${line.line}`, reason: `the id "${made.record.id}" was used before` });
        else {
          ids.add(made.record.id);
          items.push(made);
        }
      }
      return { items, problems };
    },
  };
}

interface Line {
  readonly line: number;
  readonly value?: unknown;
  /** It could not even be read. */
  readonly problem?: string;
}

function jsonLines(text: string): readonly Line[] {
  return text
    .split('\n')
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '')
    .map(({ content, line }): Line => {
      try {
        return { line, value: JSON.parse(content) as unknown };
      } catch {
        return { line, problem: 'this is no JSON' };
      }
    });
}

function csvLines(text: string, path: string): readonly Line[] {
  const [header, ...rows] = readCsv(text);
  const names = (header?.cells ?? []).map((name) => name.trim());
  if (!names.includes('question') || !names.includes('answer'))
    throw new OcelliError(
      'invalid-request',
      `The first line of "${path}" must name the columns, "question" and "answer" among them; it names ${names.join(', ') || 'none'}.`,
    );
  return rows.map(({ line, cells }) => ({
    line,
    value: Object.fromEntries(
      names.flatMap((name, place) => {
        const cell = (cells[place] ?? '').trim();
        return cell === '' ? [] : [[name, csvValue(name, cell)]];
      }),
    ),
  }));
}

function csvValue(name: string, cell: string): unknown {
  if (name === 'choices' || name === 'accept' || name === 'questions')
    return cell.split('|').map((part) => part.trim());
  if (name === 'tolerance') return Number(cell);
  if (name === 'caseSensitive') return cell.toLowerCase() === 'true';
  return cell;
}

interface Place {
  readonly folder: string;
  readonly suite: string;
}

async function itemOf({ line, value, problem }: Line, place: Place): Promise<SuiteItem | { readonly reason: string }> {
  if (problem !== undefined) return { reason: problem };
  const { record, version, answer: truth } = (value ?? {}) as { record?: unknown; version?: unknown; answer?: unknown };
  if (typeof version === 'number' && record === 'item' && version > recordVersion)
    throw new OcelliError(
      'invalid-request',
      `Line ${line} is an item of version ${version}; this release reads up to version ${recordVersion}. Update ocelli to read it.`,
    );
  if (truth === undefined || truth === '') return { reason: 'it has no truth: "answer" is missing' };
  if (record === 'item') return wholeItem(value, place);
  const short = shortItem.safeParse(value);
  if (!short.success) return { reason: issueOf(short.error) };
  return fromShort(short.data, line, place);
}

function issueOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? 'it is no item' : `${issue.path.join('.') || 'the line'}: ${issue.message}`;
}

async function wholeItem(value: unknown, { folder }: Place): Promise<SuiteItem | { readonly reason: string }> {
  const read = itemSchema.safeParse(value);
  if (!read.success) return { reason: issueOf(read.error) };
  const { picture, ...record } = read.data;
  if (picture === undefined) return { record };
  if (picture.path === undefined) return { reason: 'its picture has no path' };
  return withPicture(record, resolve(folder, picture.path), picture.sha256);
}

async function fromShort(
  short: ShortItem,
  line: number,
  place: Place,
): Promise<SuiteItem | { readonly reason: string }> {
  const questions = short.questions ?? (short.question === undefined ? undefined : [short.question]);
  if (questions === undefined) return { reason: 'it has no question' };
  const answerSpec = specOf(short);
  if (answerSpec === undefined) return { reason: 'a choice needs two or more choices' };
  const task = short.task === undefined ? taskOfType[answerSpec.type] : taskNames[short.task];
  if (task === undefined) return { reason: `there is no task "${short.task ?? ''}"` };
  const truth = truthOf(short.answer, answerSpec);
  if (truth === undefined)
    return { reason: `the answer ${JSON.stringify(short.answer)} is none of type ${answerSpec.type}` };
  const path = short.image === undefined ? undefined : resolve(place.folder, short.image);
  const record: SuiteItem['record'] = {
    record: 'item',
    version: recordVersion,
    id: short.id ?? `${place.suite}-${line}`,
    suite: place.suite,
    task,
    subtask: short.subtask ?? task,
    questions,
    answerSpec,
    answer: truth,
    cluster: short.cluster ?? short.image ?? `${place.suite}-${line}`,
    ...(short.licence === undefined && short.source === undefined
      ? {}
      : { source: { name: short.source ?? place.suite, licence: short.licence ?? 'not said' } }),
  };
  return path === undefined ? { record } : withPicture(record, path, short.imageSha256);
}

function specOf(short: ShortItem): ItemAnswerSpec | undefined {
  const type = short.answerType ?? typeOf(short);
  switch (type) {
    case 'integer':
      return { type, ...(short.tolerance === undefined ? {} : { tolerance: short.tolerance }) };
    case 'choice':
      return (short.choices ?? []).length < 2 ? undefined : { type, choices: short.choices ?? [] };
    case 'text':
      return {
        type,
        accept: short.accept ?? [],
        caseSensitive: short.caseSensitive ?? false,
        abstain: short.answer === null ? 'right' : 'wrong',
      };
    case 'yesno':
    case 'pair':
      return { type };
    default:
      return type satisfies never;
  }
}

function typeOf({ answer: truth, choices }: ShortItem): ItemAnswerSpec['type'] {
  if (choices !== undefined) return 'choice';
  if (Array.isArray(truth)) return 'pair';
  if (typeof truth === 'number' || /^\d+$/.test(String(truth).trim())) return 'integer';
  return /^(?:yes|no)$/i.test(String(truth).trim()) ? 'yesno' : 'text';
}

/** The truth in the form of its type; undefined where it is none. */
function truthOf(truth: ShortItem['answer'], spec: ItemAnswerSpec): ItemRecord['answer'] | undefined {
  if (truth === null) return null;
  const text = Array.isArray(truth) ? truth.join(',') : String(truth).trim();
  switch (spec.type) {
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : undefined;
    case 'yesno':
      return /^(?:yes|no)$/i.test(text) ? text.toLowerCase() : undefined;
    case 'choice':
      return spec.choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    case 'pair': {
      const [first, second] = /^(\d+)\s*[,;x]\s*(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
      return first === undefined || second === undefined ? undefined : [first, second];
    }
    case 'text':
      return text;
    default:
      return spec satisfies never;
  }
}

/** Read once here, so that a missing or changed file is told before anything is asked. */
async function withPicture(
  record: SuiteItem['record'],
  path: string,
  sha256: string | undefined,
): Promise<SuiteItem | { readonly reason: string }> {
  try {
    const bytes = await readFile(path);
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== undefined && digest !== sha256)
      return { reason: `its picture "${path}" is another than when the item was written: its SHA-256 does not match` };
    return { record, path, picture: async () => ({ bytes: await readFile(path) }) };
  } catch (error) {
    return {
      reason: `its picture "${path}" cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    };
  }
}
