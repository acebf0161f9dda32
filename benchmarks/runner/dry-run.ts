/** What a run would come to: calls, tokens and money of each model, before anything is drawn or sent. */

import { loadTokenizers, OcelliError, type Detail, type RowOverride } from '../../src/index.js';
import { createCatalogue, estimateRequest, type Money } from '../../src/estimate/index.js';
import type { SuiteItem } from '../suites/index.js';
import { gatherItems, sizeOf, type ItemChoice } from './run-items.js';

export interface DryRunOptions extends ItemChoice {
  readonly models: readonly string[];
  readonly prompts?: number;
  readonly repeats?: number;
  readonly detail?: Detail;
  readonly system?: string;
  readonly maxOutputTokens: number;
  readonly rows?: readonly RowOverride[];
}

export interface ModelForecast {
  readonly model: string;
  readonly calls: number;
  /** Absent where nothing is known of the model's tokens. */
  readonly inputTokens?: Amount;
  /** `high`: every answer as long as it may be. */
  readonly outputTokens?: Amount;
  /** US dollars; absent where no price is known. */
  readonly usd?: Amount;
  /** Calls that the provider would refuse. */
  readonly rejected: number;
}

interface Amount {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** Tokens of a short answer. */
const expectedOutputTokens = 20;

/** @throws OcelliError as `gatherItems` does */
export async function dryRun(options: DryRunOptions): Promise<readonly ModelForecast[]> {
  const { items } = await gatherItems(options);
  const tokenizers = await loadTokenizers();
  const catalogue = createCatalogue({ rows: options.rows ?? [] });
  const sizes = await Promise.all(
    items.map(async (item) => item.size ?? (item.path === undefined ? undefined : sizeOf(item.path))),
  );
  const { repeats = 1 } = options;
  return options.models.map((model): ModelForecast => {
    const asked = items.flatMap(({ record, picture }, place) =>
      record.questions.slice(0, options.prompts ?? 1).map((question) => ({ question, picture, size: sizes[place] })),
    );
    const calls = asked.length * repeats;
    if (model.startsWith('baseline:')) return { model, calls, ...free, rejected: 0 };
    const row = catalogue.findModel(model);
    if (row === undefined) return { model, calls, rejected: 0 };
    const estimates = asked.map(({ question, picture, size }) =>
      estimateRequest({
        model: row,
        tokenizers,
        prompt: question,
        images: imagesOf(picture, size),
        maxOutputTokens: options.maxOutputTokens,
        expectedOutputTokens: Math.min(expectedOutputTokens, options.maxOutputTokens),
        ...(options.system === undefined ? {} : { system: options.system }),
        ...(options.detail === undefined ? {} : { detail: options.detail }),
      }),
    );
    const usd = moneySum(
      estimates.map(({ money }) => money),
      repeats,
    );
    return {
      model,
      calls,
      inputTokens: tokenSum(
        estimates.map(({ input }) => input),
        repeats,
      ),
      outputTokens: tokenSum(
        estimates.map(({ output }) => output),
        repeats,
      ),
      ...(usd === undefined ? {} : { usd }),
      rejected: estimates.filter(({ rejected }) => rejected.length > 0).length * repeats,
    };
  });
}

const nothing: Amount = { expected: 0, low: 0, high: 0 };
const free = { inputTokens: nothing, outputTokens: nothing, usd: nothing };

function imagesOf(picture: SuiteItem['picture'], size: { width: number; height: number } | undefined): object[] {
  return picture === undefined ? [] : [size ?? {}];
}

function tokenSum(amounts: readonly { tokens: number; low: number; high: number }[], times: number): Amount {
  return summed(
    amounts.map(({ tokens, low, high }) => ({ expected: tokens, low, high })),
    times,
  );
}

function moneySum(amounts: readonly (Money | undefined)[], times: number): Amount | undefined {
  const known = amounts.filter((amount) => amount !== undefined);
  if (known.length < amounts.length) return undefined;
  return summed(
    known.map(({ usd, low, high }) => ({ expected: usd, low, high })),
    times,
  );
}

function summed(amounts: readonly Amount[], times: number): Amount {
  const sum = (value: (amount: Amount) => number): number =>
    times * amounts.reduce((total, amount) => total + value(amount), 0);
  return { expected: sum(({ expected }) => expected), low: sum(({ low }) => low), high: sum(({ high }) => high) };
}

/** Models whose price must be known under a budget and is not. */
export function refuseUnpriced(forecasts: readonly ModelForecast[]): void {
  const unknown = forecasts.filter(({ usd }) => usd === undefined).map(({ model }) => model);
  if (unknown.length === 0) return;
  throw new OcelliError(
    'budget-exceeded',
    `No price of ${unknown.join(', ')} is known, so that a budget cannot be kept. Leave the model or the budget out, or allow it with --allow-unpriced.`,
  );
}
