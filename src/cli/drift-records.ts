/** How far estimates were from what providers counted, from records that the caller kept. */

/** What one record says, as far as it matters here. */
export interface DriftRecord {
  readonly model: string;
  /** Input tokens: expected, at least, at most. */
  readonly estimated: { readonly tokens: number; readonly low: number; readonly high: number };
  readonly usedTokens: number;
}

/** A record that says nothing of drift, and why. */
export interface SkippedRecord {
  readonly skipped: 'no-estimate' | 'no-usage' | 'usage-estimated';
}

export interface ModelDrift {
  readonly model: string;
  readonly records: number;
  /** Sums of input tokens. */
  readonly estimatedTokens: number;
  readonly usedTokens: number;
  /** 0.1: estimated a tenth too high over all records. */
  readonly bias: number | null;
  /** The middle one and the 95th of 100 of the errors without their sign, in relation to what was used. */
  readonly medianError: number | null;
  readonly error95: number | null;
  /** The share of records whose usage lay between the low and the high end; `null` when no record had both. */
  readonly withinRange: number | null;
}

/**
 * Reads one line. A record is a reply as `JSON.stringify` writes it, or any object with
 * `model`, `estimate` (a number; or `{ tokens | inputTokens, low?, high? }`; or a `RequestEstimate`, whose `input` counts) and
 * `usage: { inputTokens }`.
 *
 * @throws TypeError saying what is wrong
 */
export function readDriftRecord(line: string): DriftRecord | SkippedRecord {
  const record = JSON.parse(line) as unknown;
  if (!isObject(record)) throw new TypeError('it is not a JSON object');
  const { model, estimate, usage } = record;
  if (typeof model !== 'string' || model === '') throw new TypeError('`model` is missing');
  if (estimate === undefined || estimate === null) return { skipped: 'no-estimate' };
  if (!isObject(usage)) return { skipped: 'no-usage' };
  if (usage['estimated'] === true) return { skipped: 'usage-estimated' };
  const used = usage['inputTokens'];
  if (used === undefined || used === null) return { skipped: 'no-usage' };
  if (!isCount(used)) throw new TypeError('`usage.inputTokens` is no number of tokens');
  return { model, estimated: estimatedOf(estimate), usedTokens: used };
}

function estimatedOf(estimate: unknown): DriftRecord['estimated'] {
  if (isCount(estimate)) return { tokens: estimate, low: Number.NaN, high: Number.NaN };
  const range = isObject(estimate) && isObject(estimate['input']) ? estimate['input'] : estimate;
  const tokens = isObject(range) ? (range['tokens'] ?? range['inputTokens']) : undefined;
  if (!isObject(range) || !isCount(tokens)) throw new TypeError('`estimate` has no number of tokens');
  const { low, high } = range;
  return { tokens, low: isCount(low) ? low : Number.NaN, high: isCount(high) ? high : Number.NaN };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** By model, in the order of their names. */
export function summariseDrift(records: readonly DriftRecord[]): ModelDrift[] {
  const byModel = new Map<string, DriftRecord[]>();
  for (const record of records) {
    const list = byModel.get(record.model) ?? [];
    list.push(record);
    byModel.set(record.model, list);
  }
  return [...byModel]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([model, list]) => {
      const estimatedTokens = list.reduce((sum, { estimated }) => sum + estimated.tokens, 0);
      const usedTokens = list.reduce((sum, record) => sum + record.usedTokens, 0);
      const errors = list
        .filter((record) => record.usedTokens > 0)
        .map((record) => Math.abs(record.estimated.tokens / record.usedTokens - 1))
        .sort((left, right) => left - right);
      const ranged = list.filter(({ estimated }) => !Number.isNaN(estimated.low) && !Number.isNaN(estimated.high));
      const within = ranged.filter(
        ({ estimated, usedTokens: used }) => estimated.low <= used && used <= estimated.high,
      );
      return {
        model,
        records: list.length,
        estimatedTokens,
        usedTokens,
        bias: usedTokens === 0 ? null : estimatedTokens / usedTokens - 1,
        medianError: quantile(errors, 0.5),
        error95: quantile(errors, 0.95),
        withinRange: ranged.length === 0 ? null : within.length / ranged.length,
      };
    });
}

/** The smallest value that is not exceeded by so large a share. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
