/** A run made by hand: four suites, two models, one of them trained on the generator, a baseline, every outcome, hostile replies. */

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  recordLine,
  recordVersion,
  scoreResponse,
  type ItemRecord,
  type ResponseRecord,
} from '../../benchmarks/scoring/index.js';

/** What a model that cannot be trusted would write. */
export const hostileReplies = [
  '</script><script>window.stolen = 1</script><img src=https://evil.example/x.png onerror=alert(1)>',
  '\u001b[2J\u001b[31mred\u0007 \u202eneerg',
  '"><svg onload=alert(1)> {5} </article></main> & <!-- ',
  ']]> <![CDATA[ \u0000 \ud800 \uffff <a href="http://evil.example">click</a>',
] as const;

export interface SmallRunOptions {
  readonly items?: number;
  readonly models?: Readonly<Record<string, number>>;
  /** Whether replies that attack the page are mixed in. */
  readonly hostile?: boolean;
  readonly status?: 'complete' | 'partial';
}

/** A scatter in place of randomness: 0 to 1, the same for the same words. */
function chance(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join(' ')).digest().readUInt32BE(0) / 2 ** 32;
}

type Task = ItemRecord['task'];
const tasks: readonly Task[] = ['counting', 'spatial', 'existence', 'ocr'];
const places = ['left', 'right', 'above', 'below'] as const;

function itemOf(task: Task, place: number, picture: ItemRecord['picture']): ItemRecord {
  const level = 1 + (place % 3);
  const base = {
    record: 'item',
    version: recordVersion,
    id: `${task}-${place}`,
    suite: task,
    task,
    cluster: `scene-${task}-${place}`,
    ...(picture === undefined ? {} : { picture }),
    difficulty: { level, crowding: Math.round(chance('crowding', task, place) * 100) / 100 },
    generator: { name: task, version: 1, seed: place, level },
  } as const;
  switch (task) {
    case 'counting':
      return {
        ...base,
        subtask: place % 2 === 0 ? 'shapes' : 'things',
        questions: ['How many apples are there?', 'Count the apples.'],
        answerSpec: { type: 'integer', minimum: 0, maximum: 12 },
        answer: place % 7,
        expectedBias: 4,
        boxes: [
          { name: 'apple', x: 20, y: 30, width: 60, height: 50, evidence: true },
          { name: 'pear', x: 120, y: 90, width: 40, height: 40, evidence: false },
        ],
      };
    case 'spatial':
      return {
        ...base,
        subtask: 'relation',
        questions: ['Where is the cup, seen from the plate?'],
        answerSpec: { type: 'choice', choices: [...places] },
        answer: places[place % 4] ?? 'left',
      };
    case 'existence':
      return {
        ...base,
        subtask: place % 2 === 0 ? 'random' : 'adversarial',
        questions: ['Is there a horse in the picture?'],
        answerSpec: { type: 'yesno' },
        answer: place % 2 === 0 ? 'yes' : 'no',
      };
    case 'ocr':
      return {
        ...base,
        subtask: 'receipts',
        questions: ['What is the total?'],
        answerSpec: { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' },
        answer: `${10 + place}.50`,
      };
    default:
      return task satisfies never;
  }
}

function wrongAnswer(item: ItemRecord, model: string): string {
  const pick = chance('which', model, item.id);
  switch (item.task) {
    case 'counting':
      return String(Math.max(0, Number(item.answer) + (pick < 0.7 ? 1 : -1)));
    case 'spatial': {
      const mirror = { left: 'right', right: 'left', above: 'below', below: 'above' } as const;
      const truth = item.answer as keyof typeof mirror;
      return pick < 0.6
        ? mirror[truth]
        : (places.find((place) => place !== truth && place !== mirror[truth]) ?? 'left');
    }
    case 'existence':
      return item.answer === 'yes' ? 'no' : 'yes';
    case 'ocr':
      return `${String(item.answer)} incl. tip 3.00`;
    default:
      return item.task satisfies never;
  }
}

/** The records, pure. */
export function smallRecords(options: SmallRunOptions, pictures: readonly NonNullable<ItemRecord['picture']>[]) {
  const { items: count = 60, hostile = false } = options;
  const {
    models = { 'openai:gpt-4o': 0.62, 'local:tiny': 0.8, 'google:gemini-2.5-flash': 0.86, 'baseline:majority': 0.3 },
  } = options;
  const items = tasks.flatMap((task) =>
    Array.from({ length: count }, (_, place) => itemOf(task, place, pictures[place % Math.max(1, pictures.length)])),
  );
  const responses = Object.entries(models).flatMap(([model, skill]) =>
    items.flatMap((item) =>
      item.questions.map((_, prompt): ResponseRecord => {
        const luck = chance('luck', model, item.id, prompt);
        const base = { record: 'response', version: recordVersion, itemId: item.id, model, prompt, repeat: 0 } as const;
        const sent = { ...base, executor: 'replay', costUsd: 0.001, latencyMs: 100 };
        if (luck > 0.985) return { ...sent, error: { kind: 'overloaded', message: 'The server was overloaded.' } };
        if (luck > 0.97) return { ...sent, text: 'I cannot tell from this picture.' };
        if (luck > 0.955) return { ...sent, text: "I'm sorry, but I can't help with that request." };
        if (luck > 0.94) return { ...sent, text: 'A lovely picture indeed!' };
        const attack = hostileReplies[Math.floor(chance('attack', model, item.id) * 40)];
        if (hostile && attack !== undefined) return { ...sent, text: attack };
        const right = chance('skill', model, item.id) < skill - 0.08 * ((item.difficulty?.['level'] ?? 1) - 1);
        return { ...sent, text: right ? String(item.answer) : wrongAnswer(item, model) };
      }),
    ),
  );
  const byId = new Map(items.map((item) => [item.id, item]));
  const scores = responses.flatMap((response) => {
    const item = byId.get(response.itemId);
    return item === undefined ? [] : [scoreResponse(item, response)];
  });
  return { items, responses, scores };
}

/** Writes the run into a new folder and returns its path. */
export async function writeSmallRun(options: SmallRunOptions = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ocelli-report-'));
  await mkdir(join(folder, 'pictures'));
  const pictures = await Promise.all(
    [0, 1, 2].map(async (place) => {
      const [width, height] = place === 2 ? [240, 320] : [320, 240];
      const background = { r: 240 - place * 60, g: 200, b: 120 + place * 60 };
      const bytes = await sharp({ create: { width, height, channels: 3, background } })
        .png()
        .toBuffer();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await writeFile(join(folder, 'pictures', `${sha256}.png`), bytes);
      return { sha256, width, height };
    }),
  );
  const { items, responses, scores } = smallRecords(options, pictures);
  const write = (name: string, records: readonly Parameters<typeof recordLine>[0][]): Promise<void> =>
    writeFile(join(folder, name), records.map((record) => recordLine(record)).join(''));
  await write('items.jsonl', items);
  await write('responses.jsonl', responses);
  await write('scores.jsonl', scores);
  const status = options.status ?? 'complete';
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({
      record: 'manifest',
      version: 1,
      name: 'small-run',
      status,
      partial: status === 'partial',
      startedAt: '2026-11-24T08:00:00.000Z',
      trainedOn: { 'local:tiny': ['counting', 'spatial', 'existence', 'ocr'] },
    }),
  );
  return folder;
}
