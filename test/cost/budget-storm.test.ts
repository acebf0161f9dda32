/** The whole way: eight processes ask through createOcelli with one budget file, are killed at random fifty times, and a vendor keeps its own bill. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFileLedger } from '../../src/cost/index.js';
import { conformanceKey, createFakeServer, type RecordedRequest, type ServerStep } from '../../src/testing/index.js';
import { makeProgram } from './program.js';
import { randomNumbers, runStorm } from './storm.js';

const kills = 50;
const budgetUsd = 7;
/** USD for a million tokens of openai:gpt-4o. */
const price = { input: 2.5, output: 10 };
const inputTokens = 8;

/** Asks again and again until the budget is used up. Tells of an answer only when it has it. */
const worker = `
  import { createOcelli, createFileLedger } from '../index.ts';
  const [path, url] = process.argv.slice(2);
  const ocelli = createOcelli({
    environment: { OPENAI_API_KEY: '${conformanceKey}', OPENAI_BASE_URL: url },
    budget: { usd: ${budgetUsd} },
    ledger: createFileLedger(path),
    retry: { baseDelayMs: 1 },
    // What fails here at random must not make the others wait.
    cooldown: { failures: 1_000_000, baseMs: 1, maxMs: 1 },
  });
  for (;;) {
    try {
      const reply = await ocelli.generate({ model: 'openai:gpt-4o', prompt: 'How many?', retries: 1 });
      console.log('seen ' + reply.usage.outputTokens);
    } catch (error) {
      if (error.kind === 'budget-exceeded') break;
      console.log('failed ' + error.kind);
    }
  }
  console.log('exhausted');
`;

let folder = '';
let program = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-budget-storm-'));
  program = await makeProgram(folder, 'worker', worker);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Line {
  readonly type: string;
  readonly id: string;
  readonly estimated?: boolean;
  readonly by?: { readonly pid: number };
}

it('keeps the budget, never under the bill, with every reply that was seen settled', { timeout: 120_000 }, async () => {
  const random = randomNumbers(7);
  let bill = 0;
  const answer = ({ body }: RecordedRequest): ServerStep => {
    const luck = random();
    if (luck < 0.05) return { error: 'rate-limit' };
    if (luck < 0.1) return { error: 'overloaded' };
    const most = (body as { max_output_tokens: number }).max_output_tokens;
    const outputTokens = Math.floor(most * random());
    // Billed from here on, whoever still listens.
    bill += (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
    const reply = { text: ['Thr', 'ee.'], usage: { inputTokens, outputTokens } };
    const delayMs = 20 * random();
    return luck < 0.2 ? { reply, delayMs, cutAfterEvents: 'first-text' } : { reply, delayMs };
  };
  const server = await createFakeServer({ wire: 'openai', default: answer });
  const ledgerPath = join(folder, 'budget.ledger');
  const storm = { program, ledgerPath, url: server.url, budgetUsd, kills, bill: () => bill };
  const { killed, seen, problems } = await runStorm(storm);
  await server.close();

  expect(problems).toEqual([]);
  expect(killed).toBe(kills);
  const { settled, reserved, open } = await createFileLedger(ledgerPath).read();
  expect(open.length).toBeLessThanOrEqual(kills);
  expect(open.filter(({ owner }) => owner?.alive !== false)).toEqual([]);
  expect(settled.usd + reserved.usd).toBeLessThanOrEqual(budgetUsd);
  expect(settled.usd + reserved.usd).toBeGreaterThanOrEqual(bill - 1e-9);
  // It was spent to the end: what is left does not pay for the shortest answer.
  expect(settled.usd + reserved.usd).toBeGreaterThan(budgetUsd - 0.001);

  const lines = (await readFile(ledgerPath, 'utf8')).trimEnd().split('\n');
  const owners = new Map<string, number>();
  const settledInFull = new Map<number, number>();
  for (const { type, id, by, estimated } of lines.map((line) => JSON.parse(line) as Line)) {
    if (by !== undefined) owners.set(id, by.pid);
    const pid = owners.get(id) ?? 0;
    if (type === 'settle' && estimated === false) settledInFull.set(pid, (settledInFull.get(pid) ?? 0) + 1);
  }
  const unsettled = [...seen].filter(([pid, replies]) => replies.length > (settledInFull.get(pid) ?? 0));
  expect(unsettled).toEqual([]);
  expect([...seen.values()].flat().length).toBeGreaterThan(100);
});
