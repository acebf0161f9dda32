/** Checks a row that a user wrote, since a JSON file has no types and a wrong price would be believed. */

import { OcelliError } from '../errors/index.js';
import type { ModelRow } from './model-row.js';
import type { PriceInterval, PriceTier } from './price-interval.js';
import type { ImageRule } from './token-rules.js';

const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const capabilityFields = ['tools', 'structuredOutput', 'temperature', 'topP', 'topK', 'seed', 'stop'] as const;
/** The numbers that each rule cannot do without. */
const ruleNumbers: Readonly<Record<ImageRule['rule'], readonly string[]>> = {
  'openai-tiles': ['base', 'perTile'],
  'openai-patches': ['multiplier'],
  claude: ['edge', 'cap'],
  'gemini-crop': ['perTile'],
  'gemini-budget': [],
  fixed: ['tokens'],
  own: [],
  none: [],
  unknown: [],
};

/** A row as it may come out of JSON: the same fields with nothing known of their types. */
type Unchecked<T> = { readonly [K in keyof T]?: unknown };

/** @throws OcelliError `invalid-request` naming the row, the field and what was expected */
export function checkRow(row: Unchecked<ModelRow>): ModelRow {
  const id = row.id;
  if (typeof id !== 'string' || !/^[^:\s]+:\S+$/.test(id))
    throw new OcelliError(
      'invalid-request',
      `A catalogue row needs an id of the form "provider:model-id", not ${JSON.stringify(id)}.`,
    );
  const need = (holds: boolean, field: string, expected: string): void => {
    if (!holds)
      throw new OcelliError(
        'invalid-request',
        `The catalogue row "${id}" has a wrong \`${field}\`: expected ${expected}. Correct it, or start from a known model with \`like\`.`,
      );
  };
  checkCapabilities(row.capabilities, need);
  need(isRecord(row.limits), 'limits', 'an object');
  checkImageRule(row.imageRule, need);
  const textRule = row.textRule;
  need(
    isRecord(textRule) &&
      isAmount(textRule['factor']) &&
      isAmount(textRule['lowFactor']) &&
      isAmount(textRule['highFactor']),
    'textRule',
    'an object with factor, lowFactor and highFactor',
  );
  need(isTexts(row.aliases), 'aliases', 'a list of ids');
  need(Array.isArray(row.sources), 'sources', 'a list of { url, checkedOn }');
  need(
    Array.isArray(row.prices) && row.prices.every(isInterval),
    'prices',
    'a list of { from?, until?, tiers } with ISO dates and prices in USD for a million tokens',
  );
  need(row.batchFactor === undefined || isAmount(row.batchFactor), 'batchFactor', 'a number such as 0.5');
  need(row.retiresOn === undefined || isDate(row.retiresOn), 'retiresOn', 'an ISO date');
  return row as ModelRow;
}

type Need = (holds: boolean, field: string, expected: string) => void;

function checkCapabilities(capabilities: unknown, need: Need): void {
  if (!isRecord(capabilities)) return need(false, 'capabilities', 'an object');
  for (const field of ['input', 'mediaTypes', 'urls'])
    need(isTexts(capabilities[field]), `capabilities.${field}`, 'a list of texts');
  for (const field of capabilityFields)
    need(typeof capabilities[field] === 'boolean', `capabilities.${field}`, 'true or false');
  const levels = ['none', 'levels', 'levels-without-none'];
  need(levels.includes(String(capabilities['reasoning'])), 'capabilities.reasoning', levels.join(', '));
}

function checkImageRule(rule: unknown, need: Need): void {
  if (!isRecord(rule)) return need(false, 'imageRule', 'an object');
  const name = String(rule['rule']);
  const numbers = Object.hasOwn(ruleNumbers, name) ? ruleNumbers[name as ImageRule['rule']] : undefined;
  if (numbers === undefined) return need(false, 'imageRule.rule', Object.keys(ruleNumbers).join(', '));
  for (const field of numbers)
    need(isAmount(rule[field]) && rule[field] !== 0, `imageRule.${field}`, 'a number over 0');
  if (name === 'own')
    need(typeof rule['tokensOf'] === 'function', 'imageRule.tokensOf', 'a function of size and detail');
  if (name === 'openai-patches')
    need(isRecord(rule['low']) && isRecord(rule['high']), 'imageRule', 'the limits low and high');
  if (name === 'fixed') {
    const { byDetail, seenSide } = rule;
    need(isSide(seenSide), 'imageRule.seenSide', 'a number of pixels over 0');
    need(
      byDetail === undefined || (isRecord(byDetail) && Object.values(byDetail).every(isFixedAt)),
      'imageRule.byDetail',
      '{ tokens, seenSide? } for each detail',
    );
  }
  if (name === 'gemini-budget') {
    const budgets = rule['budgets'];
    need(
      isRecord(budgets) && ['low', 'medium', 'high', 'original', 'auto'].every((detail) => isAmount(budgets[detail])),
      'imageRule.budgets',
      'a number for each detail',
    );
  }
}

function isFixedAt(entry: unknown): boolean {
  return isRecord(entry) && isAmount(entry['tokens']) && entry['tokens'] !== 0 && isSide(entry['seenSide']);
}

const isSide = (side: unknown): boolean => side === undefined || (isAmount(side) && side > 0);

function isInterval(interval: unknown): interval is PriceInterval {
  if (!isRecord(interval)) return false;
  const { from, until, tiers } = interval;
  if (from !== undefined && !isDate(from)) return false;
  if (until !== undefined && !isDate(until)) return false;
  return Array.isArray(tiers) && tiers.length > 0 && tiers.every(isTier);
}

function isTier(tier: unknown): tier is PriceTier {
  if (!isRecord(tier)) return false;
  const { aboveInput, input, output, ...others } = tier;
  return (
    isAmount(aboveInput) &&
    isAmount(input) &&
    isAmount(output) &&
    Object.values(others).every((price) => price === undefined || isAmount(price))
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');
const isDate = (value: unknown): value is string =>
  typeof value === 'string' && isoDate.test(value) && !Number.isNaN(Date.parse(value));
