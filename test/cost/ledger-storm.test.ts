/** The ledger alone, without the router: eight processes spend from one file and are killed at random; the server keeps its own bill. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFileLedger } from '../../src/cost/index.js';
import { makeProgram } from './program.js';
import { randomNumbers, runStorm } from './storm.js';

const kills = 20;
const budgetUsd = 0.5;
/** As in the worker: USD for a million tokens. */
const price = { input: 1, output: 10 };

/** Reserves, calls, settles, tells; until the budget is used up. */
const worker = `
  import { createBudgetKeeper } from './budget-keeper.ts';
  import { createFileLedger } from './file-ledger.ts';
  import { OcelliError } from '../errors/index.ts';
  import { unknownUsage } from '../request/usage.ts';
  const [path, url] = process.argv.slice(2);
  const row = { id: 'my:model', prices: [{ tiers: [{ aboveInput: 0, input: ${price.input}, output: ${price.output} }] }], sources: [] };
  const keeper = createBudgetKeeper({ store: createFileLedger(path), budget: { usd: ${budgetUsd} } });
  for (;;) {
    let reservation;
    try {
      reservation = await keeper.reserve({
        model: row.id, row, estimate: { input: { high: 1000 } }, maxOutputTokens: 400, maxOutputTokensGiven: false, date: '2026-11-24',
      });
    } catch (error) {
      if (error.kind !== 'budget-exceeded') throw error;
      console.log('exhausted');
      break;
    }
    const { reservationId, maxOutputTokens } = reservation;
    let began = false;
    try {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ id: reservationId, maxOutputTokens }) });
      if (!response.ok) throw new OcelliError('server', 'Refused.', { status: response.status });
      began = true;
      const { usage } = await response.json();
      await keeper.settle(reservationId, { usage: { ...unknownUsage, ...usage } });
      console.log('seen ' + reservationId);
    } catch (error) {
      if (OcelliError.isInstance(error) && error.status === undefined) throw error;
      const failure = OcelliError.isInstance(error) ? error : new OcelliError('network', 'Cut.');
      await keeper.settle(reservationId, { usage: unknownUsage, error: failure, began });
      console.log('failed ' + reservationId);
    }
  }`;

let folder = '';
let program = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-storm-'));
  program = await makeProgram(folder, 'worker', worker);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bills what it does, whoever still listens; refuses some calls and breaks off some of its answers. */
class BillingServer {
  readonly bill = new Map<string, number>();
  readonly #random = randomNumbers(7);
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { id, maxOutputTokens } = JSON.parse(body) as { id: string; maxOutputTokens: number };
        const luck = this.#random();
        if (luck < 0.1) return response.writeHead(luck < 0.05 ? 429 : 503).end();
        const usage = {
          inputTokens: Math.floor(1_000 * (0.8 + 0.2 * this.#random())),
          outputTokens: Math.floor(maxOutputTokens * this.#random()),
        };
        const usd = (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
        this.bill.set(id, (this.bill.get(id) ?? 0) + usd);
        setTimeout(() => {
          if (luck < 0.2) return response.writeHead(200).write('{"usa', () => response.destroy());
          return response.writeHead(200).end(JSON.stringify({ usage }));
        }, 20 * this.#random());
      });
    });
  }

  get total(): number {
    return [...this.bill.values()].reduce((sum, usd) => sum + usd, 0);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

it(
  'keeps the budget, never under the bill, with every answer that was seen settled',
  { timeout: 120_000 },
  async () => {
    const server = new BillingServer();
    const url = await server.listen();
    const ledgerPath = join(folder, 'budget.ledger');
    const bill = () => server.total;
    const { killed, seen, problems } = await runStorm({ program, ledgerPath, url, budgetUsd, kills, bill });
    server.close();

    expect(problems).toEqual([]);
    expect(killed).toBe(kills);
    const { settled, reserved, open } = await createFileLedger(ledgerPath).read();
    // What the dead had reserved is still booked; nobody else holds anything.
    expect(open.length).toBeLessThanOrEqual(kills);
    expect(open.filter(({ owner }) => owner?.alive !== false)).toEqual([]);
    expect(settled.usd + reserved.usd).toBeLessThanOrEqual(budgetUsd);
    expect(settled.usd + reserved.usd).toBeGreaterThanOrEqual(server.total - 1e-9);
    // It was spent to the end: what is left does not pay for another call.
    expect(settled.usd + reserved.usd).toBeGreaterThan(budgetUsd - 0.002);
    const records = (await readFile(ledgerPath, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; id: string });
    const settledIds = new Set(records.filter(({ type }) => type === 'settle').map(({ id }) => id));
    const seenIds = [...seen.values()].flat();
    expect(seenIds.filter((id) => !settledIds.has(id))).toEqual([]);
    expect(seenIds.length).toBeGreaterThan(50);
  },
);
