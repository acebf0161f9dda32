/** What an estimate says, as data: one record for each picture and model, and a total for each model. The names are a contract. */

import { costOf, type Detail, type ModelRow } from '../index.js';
import {
  estimateImage,
  estimateRequest,
  type ImageEstimate,
  type Money,
  type Range,
  type Rejection,
  type RequestEstimate,
  type Size,
  type Tokenizers,
} from '../estimate/index.js';
import type { Picture } from './estimate-pictures.js';

export interface EstimateSettings {
  /** Absent: each model's own default. */
  readonly detail?: Detail;
  readonly batch: boolean;
  /** ISO date of the prices. */
  readonly date: string;
  /** Asked with each picture. Absent together with the two below: only the pictures are counted. */
  readonly prompt?: string;
  readonly maxOutputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly tokenizers: Tokenizers;
}

/** One picture at one model. */
export interface PictureRecord {
  readonly picture: string;
  readonly width: number;
  readonly height: number;
  /** So many pictures of this size. */
  readonly count: number;
  readonly model: string;
  readonly detail: Detail;
  readonly tokens: number;
  readonly low: number;
  readonly high: number;
  readonly rule: string;
  readonly confidence: string;
  readonly asOf: string;
  readonly resizedTo: Size | null;
  readonly rejected: Rejection | null;
  /** USD of the picture alone as input. */
  readonly usd: number | null;
  readonly usdLow: number | null;
  readonly usdHigh: number | null;
  readonly priceAsOf: string | null;
}

/** Everything at one model. With a prompt each picture is one request; its text and its answer are counted in. */
export interface ModelTotal {
  readonly model: string;
  readonly pictures: number;
  /** Pictures that would be refused; they are in none of the numbers below. */
  readonly rejected: number;
  /** Input tokens. */
  readonly tokens: number;
  readonly low: number;
  readonly high: number;
  /** Tokens of the answers: expected, and at most. `null` when only the pictures are counted. */
  readonly output: Range | null;
  readonly usd: number | null;
  readonly usdLow: number | null;
  readonly usdHigh: number | null;
  readonly usdPerPicture: number | null;
  readonly usdPerThousand: number | null;
  readonly priceAsOf: string | null;
  readonly cheapest: boolean;
}

export interface ModelWarning {
  readonly model: string;
  readonly message: string;
}

interface Counted {
  readonly image: ImageEstimate | undefined;
  readonly request: RequestEstimate | undefined;
}

/** Estimates at one model. Pictures of the same size are worked out once. */
export class ModelEstimator {
  readonly row: ModelRow;
  readonly #settings: EstimateSettings;
  /** Input tokens by picture name, from the provider's count endpoint. */
  readonly #exact: ReadonlyMap<string, number>;
  readonly #counted = new Map<string, Counted>();

  constructor(row: ModelRow, settings: EstimateSettings, exact: ReadonlyMap<string, number> = new Map()) {
    this.row = row;
    this.#settings = settings;
    this.#exact = exact;
  }

  get warnings(): ModelWarning[] {
    const { warnings } = estimateRequest({ model: this.row, prompt: '', date: this.#settings.date });
    return warnings.map((message) => ({ model: this.row.id, message }));
  }

  record(picture: Picture): PictureRecord {
    const { image } = this.#count(picture);
    const detail = detailFor(this.row, this.#settings);
    if (image === undefined) throw new TypeError('A request without a picture has no record.');
    const { tokens, low, high, rule, confidence, asOf, money } = image;
    return {
      picture: picture.name,
      width: picture.width,
      height: picture.height,
      count: picture.count,
      model: this.row.id,
      detail,
      tokens,
      low,
      high,
      rule,
      confidence,
      asOf,
      resizedTo: image.resizedTo ?? null,
      rejected: image.rejected ?? null,
      usd: money?.usd ?? null,
      usdLow: money?.low ?? null,
      usdHigh: money?.high ?? null,
      priceAsOf: money?.priceAsOf ?? null,
    };
  }

  /** Without pictures: the prompt alone, once. */
  total(pictures: readonly Picture[]): Omit<ModelTotal, 'cheapest'> {
    const sum = new Sum();
    if (pictures.length === 0) sum.add(this.#count(undefined), 1);
    for (const picture of pictures) sum.add(this.#count(picture), picture.count);
    const count = pictures.reduce((all, picture) => all + picture.count, 0);
    return { model: this.row.id, pictures: count, ...sum.result() };
  }

  #count(picture: Picture | undefined): Counted {
    const exact = this.#exact.get(picture?.name ?? '');
    if (exact !== undefined)
      return this.#exactly(exact, { image: this.#image(picture), request: this.#request(picture) });
    const key = picture === undefined ? '' : `${picture.width}x${picture.height}:${this.#bytesKey(picture)}`;
    const known = this.#counted.get(key);
    if (known !== undefined) return known;
    const counted = { image: this.#image(picture), request: this.#request(picture) };
    this.#counted.set(key, counted);
    return counted;
  }

  /** The provider counts the request as a whole: the picture with everything around it. */
  #exactly(tokens: number, { image, request }: Counted): Counted {
    const counted = { tokens, low: tokens, high: tokens, rule: 'count-endpoint', confidence: 'documented' } as const;
    const none = { tokens: 0, low: 0, high: 0 };
    return {
      image: image && { ...image, ...counted, money: this.#money(tokens, none) },
      request: request && {
        ...request,
        input: { ...request.input, ...counted },
        money: this.#money(tokens, request.output),
      },
    };
  }

  #money(inputTokens: number, output: Range): Money | undefined {
    const { cachedInputTokens = 0, batch, date } = this.#settings;
    const cost = (outputTokens: number): Money | undefined =>
      costOf(
        {
          inputTokens,
          outputTokens,
          cacheReadTokens: Math.min(cachedInputTokens, inputTokens),
          cacheWriteTokens: 0,
          reasoningTokens: undefined,
          estimated: false,
        },
        this.row,
        date,
        { batch },
      );
    const [middle, least, most] = [output.tokens, output.low, output.high].map(cost);
    if (middle === undefined || least === undefined || most === undefined) return undefined;
    return { ...middle, low: least.low, high: most.high };
  }

  /** Bytes matter only where they break a limit. */
  #bytesKey({ bytes = 0 }: Picture): string {
    const { images, requestBytes } = this.row.limits;
    const most = Math.min(images?.maxBase64Bytes ?? Infinity, requestBytes ?? Infinity);
    return (bytes * 4) / 3 > most - 1_024 ? String(bytes) : '';
  }

  #image(picture: Picture | undefined): ImageEstimate | undefined {
    if (picture === undefined) return undefined;
    const { batch, date } = this.#settings;
    const detail = detailFor(this.row, this.#settings);
    return estimateImage({ model: this.row, ...sizeOf(picture), detail, batch, date });
  }

  #request(picture: Picture | undefined): RequestEstimate | undefined {
    const { prompt, maxOutputTokens, cachedInputTokens, batch, date, tokenizers } = this.#settings;
    if (prompt === undefined && maxOutputTokens === undefined && cachedInputTokens === undefined) return undefined;
    return estimateRequest({
      model: this.row,
      ...(picture === undefined ? {} : { images: [sizeOf(picture)] }),
      ...(prompt === undefined ? {} : { prompt }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
      detail: detailFor(this.row, this.#settings),
      batch,
      date,
      tokenizers,
    });
  }
}

/** The detail that a model's pictures are counted at. */
export function detailFor(row: ModelRow, { detail }: Pick<EstimateSettings, 'detail'>): Detail {
  return detail ?? row.defaultDetail ?? 'high';
}

function sizeOf({ width, height, bytes }: Picture): Size & { bytes?: number } {
  return { width, height, ...(bytes === undefined ? {} : { bytes }) };
}

class Sum {
  #requests = 0;
  #rejected = 0;
  #input: Range = { tokens: 0, low: 0, high: 0 };
  #output: Range | undefined;
  #usd = { usd: 0, low: 0, high: 0 };
  #isPriced = true;
  #priceAsOf: string | undefined;

  add({ image, request }: Counted, count: number): void {
    if ((image?.rejected ?? request?.rejected[0]) !== undefined) {
      this.#rejected += count;
      return;
    }
    this.#requests += count;
    const input = request?.input ?? image;
    if (input !== undefined) this.#input = added(this.#input, input, count);
    if (request !== undefined)
      this.#output = added(this.#output ?? { tokens: 0, low: 0, high: 0 }, request.output, count);
    this.#addMoney(request === undefined ? image?.money : request.money, count);
  }

  #addMoney(money: Money | undefined, count: number): void {
    if (money === undefined) {
      this.#isPriced = false;
      return;
    }
    const { usd, low, high } = this.#usd;
    this.#usd = { usd: usd + money.usd * count, low: low + money.low * count, high: high + money.high * count };
    this.#priceAsOf = money.priceAsOf;
  }

  result(): Omit<ModelTotal, 'cheapest' | 'model' | 'pictures'> {
    const isPriced = this.#isPriced && this.#requests > 0;
    const { usd, low, high } = this.#usd;
    const each = isPriced ? usd / this.#requests : null;
    return {
      rejected: this.#rejected,
      ...this.#input,
      output: this.#output ?? null,
      usd: isPriced ? tidy(usd) : null,
      usdLow: isPriced ? tidy(low) : null,
      usdHigh: isPriced ? tidy(high) : null,
      usdPerPicture: each === null ? null : tidy(each),
      usdPerThousand: each === null ? null : tidy(each * 1_000),
      priceAsOf: isPriced ? (this.#priceAsOf ?? null) : null,
    };
  }
}

function added(sum: Range, more: Range, count: number): Range {
  return {
    tokens: sum.tokens + more.tokens * count,
    low: sum.low + more.low * count,
    high: sum.high + more.high * count,
  };
}

/** Without the noise of binary fractions. */
const tidy = (usd: number): number => Number(usd.toPrecision(12));

/** Marks the cheapest of those that take all pictures. */
export function withCheapest(totals: readonly Omit<ModelTotal, 'cheapest'>[]): ModelTotal[] {
  const prices = totals.flatMap(({ usd, rejected }) => (usd === null || rejected > 0 ? [] : [usd]));
  const least = Math.min(...prices);
  return totals.map((total) => ({ ...total, cheapest: total.rejected === 0 && total.usd === least }));
}
