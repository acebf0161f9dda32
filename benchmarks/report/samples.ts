/** Which items the page shows: failures first, spread over sub-tasks and outcomes, and some that went right beside them. */

import type { ItemRecord, Outcome, ScoreRecord } from '../scoring/index.js';
import { groupBy } from './grouping.js';
import type { RunRecords } from './run-folder.js';

/** One answer of one model. */
export interface SampleAnswer {
  readonly model: string;
  readonly prompt: number;
  readonly repeat: number;
  readonly outcome: Outcome;
  readonly parsed: ScoreRecord['parsed'];
  /** As the model wrote it; not to be trusted. */
  readonly reply: string | undefined;
  readonly error: string | undefined;
}

/** One item with every model's answers. */
export interface Sample {
  readonly item: ItemRecord;
  readonly failed: boolean;
  readonly answers: readonly SampleAnswer[];
}

export interface SampleChoice {
  readonly samples: readonly Sample[];
  /** Items that at least one model that looks got wrong, or did not answer. */
  readonly failures: number;
  readonly failuresShown: number;
}

export interface SampleLimits {
  /** Default 90. */
  readonly failures?: number;
  /** Default 30. */
  readonly successes?: number;
}

/**
 * Chooses samples. The same scores give the same choice.
 *
 * @example
 * const { samples } = chooseSamples(run);
 */
export function chooseSamples(run: RunRecords, limits: SampleLimits = {}): SampleChoice {
  const replies = new Map(
    run.responses.map((response) => [
      keyOf(response.itemId, response.model, response.prompt, response.repeat),
      response,
    ]),
  );
  const all = [...groupBy(run.scores, ({ itemId }) => itemId)].flatMap(([id, scores]): Sample[] => {
    const item = run.items.get(id);
    if (item === undefined) return [];
    const looking = scores.filter(({ model }) => !model.startsWith('baseline:'));
    return [
      {
        item,
        failed: (looking.length > 0 ? looking : scores).some(({ outcome }) => outcome !== 'correct'),
        answers: scores.map((score): SampleAnswer => {
          const response = replies.get(keyOf(id, score.model, score.prompt, score.repeat));
          return {
            model: score.model,
            prompt: score.prompt,
            repeat: score.repeat,
            outcome: score.outcome,
            parsed: score.parsed,
            reply: response?.text,
            error: response?.error === undefined ? undefined : `${response.error.kind}: ${response.error.message}`,
          };
        }),
      },
    ];
  });
  const failures = all.filter(({ failed }) => failed);
  const shown = spread(failures, limits.failures ?? 90);
  const successes = spread(
    all.filter(({ failed }) => !failed),
    limits.successes ?? 30,
  );
  return { samples: [...shown, ...successes], failures: failures.length, failuresShown: shown.length };
}

function keyOf(item: string, model: string, prompt: number, repeat: number): string {
  return `${item}\n${model}\n${prompt}\n${repeat}`;
}

/** Takes turns among the kinds of sample, so that a rare failure is shown beside a common one. */
function spread(samples: readonly Sample[], most: number): Sample[] {
  const kinds = [...groupBy(samples, stratumOf).values()];
  const taken: Sample[] = [];
  for (let round = 0; taken.length < most && kinds.some((kind) => round < kind.length); round++)
    for (const kind of kinds) {
      const sample = kind[round];
      if (sample !== undefined && taken.length < most) taken.push(sample);
    }
  return taken.sort((one, other) => orderOf(one).localeCompare(orderOf(other)));
}

function stratumOf({ item, answers }: Sample): string {
  const worst = answers.find(({ outcome }) => outcome !== 'correct')?.outcome ?? 'correct';
  return `${item.suite} ${item.subtask} ${worst} ${item.twin?.kind ?? ''}`;
}

/** A twin stands beside the item it was made from. */
function orderOf({ item }: Sample): string {
  return `${item.suite} ${item.subtask} ${item.twin?.of ?? item.id} ${item.id}`;
}
