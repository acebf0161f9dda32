/** Pays for attempts: the worst case is reserved before a byte is sent, and what it came to is booked before anybody sees the end. */

import { createBudgetKeeper, createMemoryLedger, type BudgetKeeper } from '../cost/index.js';
import { OcelliError } from '../errors/index.js';
import type { Catalogue } from '../models/index.js';
import { unknownUsage, type AdapterEvent, type BaseRequest, type Usage, type Warning } from '../request/index.js';
import { isContent } from './attempt-stream.js';
import type { Candidate } from './candidate.js';
import type { Clock } from './clock.js';
import { describeBody } from './describe-body.js';
import type { Prepared } from './prepared-call.js';

/** How an attempt that was paid for ended. */
export interface PaidOutcome {
  readonly usage: Usage;
  readonly error?: OcelliError;
  /** Content had come before the error. */
  readonly began: boolean;
  /** False when surely nothing was sent. */
  readonly sent: boolean;
}

export interface Hold {
  /** The most that the budget pays for. */
  readonly maxOutputTokens: number;
  readonly warnings: readonly Warning[];
  settle(outcome: PaidOutcome): Promise<void>;
}

export interface Purse {
  /** @throws OcelliError `budget-exceeded` */
  reserve(candidate: Candidate, prepared: Prepared): Promise<Hold>;
}

/** A purse over a keeper's budget and the request's own. `undefined` when there is no budget at all. */
export function openPurse(
  keeper: BudgetKeeper | undefined,
  request: BaseRequest,
  catalogue: Catalogue,
  clock: Clock,
): Purse | undefined {
  const { budget } = request;
  if (keeper === undefined && budget === undefined) return undefined;
  const forRequest = keeper?.forRequest(budget) ?? keeperOf(request);
  return {
    reserve: async (candidate, prepared) => {
      const { reservationId, maxOutputTokens, warnings } = await forRequest.reserve({
        model: candidate.id,
        row: catalogue.findModel(candidate.id),
        estimate: prepared.estimate ?? { input: { high: mostTokens(prepared) } },
        maxOutputTokens: prepared.maxOutputTokens,
        maxOutputTokensGiven: request.maxOutputTokens !== undefined,
        cache: request.cache,
        date: new Date(clock.now()),
      });
      return {
        maxOutputTokens,
        warnings,
        settle: async (outcome) => {
          await forRequest.settle(reservationId, outcome);
        },
      };
    },
  };
}

/** No known model counts more for a picture (GPT-6 with `original`: 14,364 for a 12-megapixel photo). */
const mostImageTokens = 15_000;

/** An upper bound for a model of which nothing is known: a token a character of the body, pictures apart. */
function mostTokens(prepared: Prepared): number {
  return JSON.stringify(describeBody(prepared.body)).length + prepared.images.length * mostImageTokens;
}

function keeperOf(request: BaseRequest): BudgetKeeper {
  const { budget = {} } = request;
  return createBudgetKeeper({ store: createMemoryLedger(), budget });
}

/** An attempt's events between reserve and settle. */
export async function* paidEvents(
  purse: Purse,
  candidate: Candidate,
  prepared: Prepared,
  signal: AbortSignal,
  send: (body: unknown) => AsyncGenerator<AdapterEvent, void, undefined>,
): AsyncGenerator<AdapterEvent, void, undefined> {
  const hold = await purse.reserve(candidate, prepared);
  const sent = !signal.aborted;
  const lowered = hold.maxOutputTokens < prepared.maxOutputTokens;
  const body = lowered ? prepared.withMaxOutputTokens(hold.maxOutputTokens) : prepared.body;
  let usage: Usage = unknownUsage;
  let began = false;
  let settled = false;
  const settle = async (error?: OcelliError): Promise<void> => {
    if (settled) return;
    settled = true;
    await hold.settle({ usage, began, sent, ...(error === undefined ? {} : { error }) });
  };
  try {
    for (const warning of hold.warnings) yield { type: 'warning', warning };
    for await (const event of send(body)) {
      if (event.type === 'usage') usage = event.usage;
      if (isContent(event)) began = true;
      if (event.type === 'finish') {
        usage = event.usage;
        // Booked before the reply is seen: whoever has an answer has paid for it.
        const problem = await settle().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (problem !== undefined) yield { type: 'warning', warning: unsettledWarning(candidate, problem) };
      }
      yield event;
    }
  } catch (error) {
    const failure = OcelliError.isInstance(error) ? error : candidate.adapter.toError(error);
    // An aborted caller is not kept waiting for the books; they are kept all the same.
    if (failure.kind === 'aborted') void settle(failure).catch(() => undefined);
    else await settle(failure);
    throw error;
  } finally {
    // The reader went away in the middle.
    void settle(new OcelliError('aborted', 'The reader stopped.')).catch(() => undefined);
  }
}

/** An answer that was paid for is not thrown away because the books cannot be written; its reservation stays booked. */
function unsettledWarning(candidate: Candidate, problem: unknown): Warning {
  return {
    type: 'other',
    subject: 'budget',
    message: `The cost of the answer of ${candidate.id} could not be booked, so that its worst case stays reserved: ${problem instanceof Error ? problem.message : String(problem)}`,
  };
}
