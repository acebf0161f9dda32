/** The planner: a size and a detail for every picture of a batch, as sharp as a budget allows. */

import { OcelliError } from '../errors/index.js';
import type { Detail } from '../request/index.js';
import { dayOf, priceOf, type Catalogue, type ImageRule, type ModelRow, type Money } from '../models/index.js';
import { estimateImage } from './estimate-image.js';
import type { ImageEstimate, Size } from './estimate-record.js';
import { rowOf } from './find-row.js';
import { rungsOf, type Rung } from './ladder.js';
import { chooseOptions } from './plan-search.js';
import { sumOf, type Range } from './range.js';

export interface PictureToPlan extends Size {
  /** The model shall see at least this many pixels along the long side; a smaller picture is left as it is. */
  readonly minLongEdge?: number;
}

/** Everything that may be spent on the pictures of the batch as input, by likeliest tokens and prices. */
export type PlanBudget = { readonly tokens: number } | { readonly usd: number };

export interface PlanQuery {
  readonly pictures: readonly PictureToPlan[];
  /** Each gets a plan of its own. */
  readonly models: readonly (string | ModelRow)[];
  readonly budget: PlanBudget;
  readonly catalogue?: Pick<Catalogue, 'findModel' | 'nearestModelIds'>;
  /** Day of the prices. Default: today. */
  readonly date?: string | Date;
  readonly batch?: boolean;
  /** Pictures that go out in one request. Default 1. */
  readonly imagesInRequest?: number;
}

/** What a picture is to be fitted to. */
export interface PlannedPicture {
  /** Place in the query. */
  readonly index: number;
  readonly target: Size & { readonly detail: Detail };
  readonly estimate: ImageEstimate;
  /** The long side that the model sees in relation to the picture's own, 1 where nothing is lost. */
  readonly sharpness: number;
  /** What was given up, in one sentence; absent where nothing was. */
  readonly gaveUp?: string;
}

export interface Plan {
  /** `provider:model-id` */
  readonly model: string;
  /** Whether every picture keeps its least size within the budget. */
  readonly fits: boolean;
  /** Why it does not fit. */
  readonly reason?: string;
  /** In the order of the query; when it does not fit, every picture at its cheapest. */
  readonly pictures: readonly PlannedPicture[];
  readonly tokens: Range;
  readonly money: Money | undefined;
  /** Sum of the logarithms of `sharpness`: what is maximised; 0 is the best. */
  readonly score: number;
}

/** One way to send one picture. */
interface Option {
  readonly cost: number;
  readonly score: number;
  readonly size: Size;
  readonly detail: Detail;
}

/**
 * Plans a batch for each model: the sum of log(seen long edge / own long edge) is as large as the budget allows.
 *
 * @returns one plan for each model: those that fit first, sharpest first, then cheapest first
 * @throws OcelliError `invalid-request` for a budget, size or list that is none; `model-not-found`
 * @example
 * const [best] = plan({ pictures, models: ['openai:gpt-5.4'], budget: { tokens: 5_000 } });
 * best?.pictures[0]?.target; // { width: 1024, height: 768, detail: 'high' }
 */
export function plan(query: PlanQuery): Plan[] {
  const { pictures, models, budget } = query;
  const limit = 'usd' in budget ? budget.usd : budget.tokens;
  if (!Number.isFinite(limit) || limit < 0)
    throw new OcelliError('invalid-request', `The budget is ${String(limit)}; a number of at least 0 is needed.`);
  if (pictures.length === 0 || models.length === 0)
    throw new OcelliError('invalid-request', 'A plan needs at least one picture and one model.');
  const rungs = new RungStore();
  const plans = models.map((model) =>
    planFor(rowOf({ model, ...(query.catalogue && { catalogue: query.catalogue }) }), query, limit, rungs),
  );
  return plans.sort(
    (first, second) =>
      Number(second.fits) - Number(first.fits) ||
      second.score - first.score ||
      (first.money?.usd ?? Infinity) - (second.money?.usd ?? Infinity) ||
      first.tokens.tokens - second.tokens.tokens,
  );
}

function planFor(row: ModelRow, query: PlanQuery, limit: number, rungs: RungStore): Plan {
  const known = new Map<string, Choice>();
  const choices = query.pictures.map((picture) => {
    const key = `${picture.width}x${picture.height}:${picture.minLongEdge ?? 0}`;
    const choice = known.get(key) ?? choiceOf(row, picture, query, rungs);
    known.set(key, choice);
    return choice;
  });
  const missing = choices.find((choice) => choice.missing !== undefined)?.missing;
  if (choices.some((choice) => choice.options.length === 0))
    return { ...emptyPlan(row), reason: missing ?? 'The pictures cannot be sent.' };
  const chosen = chooseOptions(
    choices.map((choice) => choice.options),
    limit,
  );
  const options = choices.map((choice, index) => choice.options[chosen?.[index] ?? 0] ?? nothing);
  const reason = missing ?? (chosen === undefined ? tooDear(options, query.budget) : undefined);
  return finishedPlan(row, query, options, reason);
}

const nothing: Option = { cost: 0, score: 0, size: { width: 1, height: 1 }, detail: 'high' };
const emptyPlan = (row: ModelRow): Plan => ({
  model: row.id,
  fits: false,
  pictures: [],
  tokens: sumOf([]),
  money: undefined,
  score: -Infinity,
});

/** The ladders of a plan: models with the same rule and limits share them, which most models do. */
class RungStore {
  readonly #known = new Map<ImageRule, Map<unknown, Map<string, Rung[]>>>();

  get(row: ModelRow, { width, height }: Size, detail: Detail, query: PlanQuery): Rung[] {
    const byLimits = this.#known.get(row.imageRule) ?? new Map<unknown, Map<string, Rung[]>>();
    this.#known.set(row.imageRule, byLimits);
    const bySize = byLimits.get(row.limits.images) ?? new Map<string, Rung[]>();
    byLimits.set(row.limits.images, bySize);
    const key = `${width}x${height}:${detail}`;
    const rungs = bySize.get(key) ?? rungsOf(row, { width, height }, detail, queryOf(query));
    bySize.set(key, rungs);
    return rungs;
  }
}

interface Choice {
  /** Rising cost, rising score. */
  readonly options: readonly Option[];
  /** Why the picture's least size cannot be had from this model. */
  readonly missing?: string;
}

function choiceOf(row: ModelRow, picture: PictureToPlan, query: PlanQuery, rungs: RungStore): Choice {
  const probe = estimateImage({ ...queryOf(query), model: row, width: picture.width, height: picture.height });
  const long = Math.max(picture.width, picture.height);
  const least = Math.min(picture.minLongEdge ?? 1, long);
  const isPriced = 'usd' in query.budget;
  if (isPriced && probe.money === undefined) return { options: [], missing: `No price of ${row.id} is known.` };
  const day = dayOf(query.date);
  const all: Option[] = [];
  for (const detail of distinctDetails(row.imageRule))
    for (const { size, count } of rungs.get(row, picture, detail, query)) {
      const tokens = { input: count.tokens, output: 0 };
      const cost = isPriced ? priceOf({ row, day, tokens, batch: query.batch === true })?.usd : count.tokens;
      if (cost !== undefined) all.push({ cost, score: Math.log(count.seenLongEdge / long), size, detail });
    }
  if (all.length === 0) return { options: [], missing: probe.rejected?.reason ?? `${row.id} takes no such picture.` };
  const enough = all.filter((option) => Math.exp(option.score) * long >= least - 1e-6);
  if (enough.length > 0) return { options: frontier(enough) };
  const sharpest = all.reduce((best, option) => (option.score > best.score ? option : best));
  return {
    options: [sharpest],
    missing: `${row.id} sees at most ${Math.round(Math.exp(sharpest.score) * long)} px of a picture that needs ${least}.`,
  };
}

/** Leaves out what costs as much as something sharper. */
function frontier(options: readonly Option[]): Option[] {
  const kept: Option[] = [];
  for (const option of options.toSorted((first, second) => first.cost - second.cost || second.score - first.score)) {
    const last = kept.at(-1);
    if (last === undefined || option.score > last.score + 1e-12) kept.push(option);
  }
  return kept;
}

/** The details that make a difference under a rule, sharpest last. */
function distinctDetails(rule: ImageRule): readonly Detail[] {
  switch (rule.rule) {
    case 'openai-tiles':
      return ['low', 'high'];
    case 'openai-patches':
      return rule.original === undefined ? ['high'] : ['low', 'high', 'original'];
    case 'gemini-crop':
      return ['low', 'medium', 'high'];
    case 'gemini-budget':
      return ['low', 'medium', 'high', 'original'];
    case 'fixed':
      return rule.byDetail === undefined ? ['high'] : ['low', 'medium', 'high', 'original'];
    default:
      return ['high'];
  }
}

function finishedPlan(row: ModelRow, query: PlanQuery, options: readonly Option[], reason: string | undefined): Plan {
  const pictures = options.map((option, index): PlannedPicture => {
    const estimate = estimateImage({ ...queryOf(query), model: row, ...option.size, detail: option.detail });
    const sharpness = Math.min(1, Math.exp(option.score));
    const { width, height } = query.pictures[index] ?? option.size;
    const gaveUp =
      sharpness > 1 - 1e-9
        ? {}
        : {
            gaveUp: `The model sees ${estimate.seenLongEdge} px along the long side of ${Math.max(width, height)}; it is sent as ${option.size.width}x${option.size.height} at detail ${option.detail}.`,
          };
    return { index, target: { ...option.size, detail: option.detail }, estimate, sharpness, ...gaveUp };
  });
  const tokens = sumOf(pictures.map(({ estimate }) => estimate));
  return {
    model: row.id,
    fits: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    pictures,
    tokens,
    money: moneyOf(pictures),
    score: options.reduce((sum, option) => sum + option.score, 0),
  };
}

function moneyOf(pictures: readonly PlannedPicture[]): Money | undefined {
  let sum: Money | undefined;
  for (const { estimate } of pictures) {
    const money = estimate.money;
    if (money === undefined) return undefined;
    sum =
      sum === undefined
        ? money
        : { ...sum, usd: sum.usd + money.usd, low: sum.low + money.low, high: sum.high + money.high };
  }
  return sum;
}

function tooDear(options: readonly Option[], budget: PlanBudget): string {
  const cost = options.reduce((sum, option) => sum + option.cost, 0);
  return 'usd' in budget
    ? `The least sizes cost ${cost.toPrecision(3)} USD, over the budget of ${budget.usd} USD.`
    : `The least sizes cost ${cost} tokens, over the budget of ${budget.tokens}.`;
}

function queryOf(query: PlanQuery): Pick<PlanQuery, 'date' | 'batch' | 'imagesInRequest'> {
  const { date, batch, imagesInRequest } = query;
  return {
    ...(date === undefined ? {} : { date }),
    ...(batch === undefined ? {} : { batch }),
    ...(imagesInRequest === undefined ? {} : { imagesInRequest }),
  };
}
