/** Refuses requests that the engine could only answer with nonsense; the package's own validation has better words for its callers. */

import { OcelliError } from '../../src/errors/index.js';
import type { EngineRequest } from './request.js';

/** @throws OcelliError `invalid-request` naming the field and what is allowed */
export function checkRequest(request: EngineRequest): void {
  if (!Array.isArray(request.messages) || request.messages.length === 0) {
    throw invalid('messages', 'at least one message');
  }
  check('maxOutputTokens', request.maxOutputTokens, 'a whole number from 1', (value) => isInteger(value) && value >= 1);
  check('temperature', request.temperature, 'a number from 0', (value) => value >= 0 && value < Infinity);
  check('topP', request.topP, 'a number above 0 and at most 1', (value) => value > 0 && value <= 1);
  check('topK', request.topK, 'a whole number from 1', (value) => isInteger(value) && value >= 1);
  check('minP', request.minP, 'a number from 0 to 1', (value) => value >= 0 && value <= 1);
  check('repetitionPenalty', request.repetitionPenalty, 'a number above 0', (value) => value > 0 && value < Infinity);
  check('presencePenalty', request.presencePenalty, 'a number', Number.isFinite);
  check('frequencyPenalty', request.frequencyPenalty, 'a number', Number.isFinite);
  check(
    'logprobs',
    request.logprobs,
    'a whole number from 0 to 20',
    (value) => isInteger(value) && value >= 0 && value <= 20,
  );
  for (const [id, bias] of Object.entries(request.logitBias ?? {})) {
    if (!/^\d+$/.test(id) || !Number.isFinite(bias)) throw invalid('logitBias', 'numbers by token id');
  }
  checkConstraint(request.constraint);
  check('seed', request.seed, 'a whole number', isInteger);
}

function checkConstraint(constraint: EngineRequest['constraint']): void {
  if (constraint?.type === 'regex' && typeof constraint.pattern !== 'string')
    throw invalid('constraint.pattern', 'a text');
  if (constraint?.type !== 'choice') return;
  const { values } = constraint;
  if (
    !Array.isArray(values) ||
    values.length === 0 ||
    !values.every((value) => typeof value === 'string' && value !== '')
  ) {
    throw invalid('constraint.values', 'texts that are not empty');
  }
}

function isInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

function check(field: string, value: number | undefined, allowed: string, isGood: (value: number) => boolean): void {
  if (value === undefined && field !== 'maxOutputTokens') return;
  if (typeof value !== 'number' || !isGood(value)) throw invalid(field, allowed);
}

function invalid(field: string, allowed: string): OcelliError {
  return new OcelliError('invalid-request', `The local engine needs ${allowed} as \`${field}\`.`);
}
