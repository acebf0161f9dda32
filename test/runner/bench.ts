/** What tests of the runner share: items with small pictures, a deterministic server that keeps its own bill, and folders. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { itemsOfFile, type ChosenSuite } from '../../benchmarks/index.js';
import { responseSchema, readRecords, type ResponseRecord } from '../../benchmarks/index.js';
import { costOf, findModel } from '../../src/index.js';
import { createFakeServer, type FakeServer, type FakeServerOptions } from '../../src/testing/index.js';
import { makePicture } from '../media/pictures.js';

export const model = 'openai:gpt-4o';

/** Items whose truth the server's answers sometimes are; a hundred pictures over all of them. */
export async function makeItems(folder: string, count: number): Promise<ChosenSuite> {
  await mkdir(folder, { recursive: true });
  const picture = await makePicture('png', 24, 24);
  await writeFile(join(folder, 'dots.png'), picture);
  const lines = Array.from({ length: count }, (_, place) =>
    JSON.stringify({
      id: `item-${place}`,
      task: 'count',
      subtask: place % 2 === 0 ? 'even' : 'odd',
      question: `How many dots are in square ${place}?`,
      image: 'dots.png',
      answer: place % 5,
      answerType: 'integer',
      cluster: `scene-${Math.floor(place / 2)}`,
    }),
  );
  const path = join(folder, 'mine.jsonl');
  await writeFile(path, `${lines.join('\n')}\n`);
  return { suite: await itemsOfFile(path), path };
}

export interface BilledServer {
  readonly server: FakeServer;
  readonly environment: Readonly<Record<string, string>>;
  /** What it has charged so far, in US dollars: everything that it began to answer. */
  readonly bill: () => number;
  readonly served: () => number;
  /** Told after each request. */
  onServed: (() => void) | undefined;
}

/** Answers the same question always alike, sometimes wrong, and charges for it. */
export async function billedServer(
  options: Omit<FakeServerOptions, 'wire'> & { delayMs?: number } = {},
): Promise<BilledServer> {
  let usd = 0;
  let served = 0;
  const row = findModel(model);
  if (row === undefined) throw new Error('no row');
  const server = await createFakeServer({
    keepRequests: 10,
    ...options,
    wire: 'openai',
    default: ({ body }) => {
      const [, place = '0'] = /square (\d+)\?/.exec(JSON.stringify(body)) ?? [];
      const digest = createHash('sha256').update(place).digest();
      const usage = {
        inputTokens: 60 + (digest[0] ?? 0),
        outputTokens: 2 + ((digest[1] ?? 0) % 9),
        cacheReadTokens: 0,
      };
      const cost = costOf(
        { cacheWriteTokens: undefined, reasoningTokens: undefined, estimated: false, ...usage },
        row,
        new Date().toISOString().slice(0, 10),
      );
      usd += cost?.usd ?? 0;
      served += 1;
      billed.onServed?.();
      const right = (digest[2] ?? 0) % 3 > 0;
      return {
        reply: { text: String((Number(place) + (right ? 0 : 1)) % 5), usage, model: 'gpt-4o-2024-11-20' },
        delayMs: options.delayMs ?? 0,
      };
    },
  });
  const billed: BilledServer = {
    server,
    environment: { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.url },
    bill: () => usd,
    served: () => served,
    onServed: undefined,
  };
  return billed;
}

export async function responsesIn(folder: string): Promise<readonly ResponseRecord[]> {
  return readRecords(await readFile(join(folder, 'responses.jsonl'), 'utf8'), responseSchema).records;
}
