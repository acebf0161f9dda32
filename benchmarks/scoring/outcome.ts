/** What can become of a question, and where each outcome stands in a denominator. */

/** Every question of a run ends in exactly one of these. */
export const outcomes = [
  'correct',
  'wrong',
  'abstained',
  'refused',
  'unparseable',
  'ambiguous',
  'provider-error',
  'budget-skipped',
] as const;

/** One of {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** Whether an outcome counts among the answers, and among the questions asked. */
export interface OutcomePlace {
  /** In the denominator of the accuracy over answered. */
  readonly answered: boolean;
  /** In the denominator of the accuracy over asked. */
  readonly asked: boolean;
  readonly why: string;
}

/**
 * The denominators. A failed call and a question that the budget cut off say nothing about the model: they make a run smaller, never
 * less accurate, and are printed beside it. All other outcomes are the model's own doing and count as asked.
 */
export const outcomePlaces: Readonly<Record<Outcome, OutcomePlace>> = {
  correct: { answered: true, asked: true, why: 'The one answer that could be read is right.' },
  wrong: { answered: true, asked: true, why: 'The one answer that could be read is not right.' },
  abstained: { answered: false, asked: true, why: 'The model said that it cannot tell, where it could have.' },
  refused: { answered: false, asked: true, why: 'The model or its filter would not answer.' },
  unparseable: { answered: false, asked: true, why: 'A reply came, and no answer of the wanted kind is in it.' },
  ambiguous: { answered: false, asked: true, why: 'Several different answers are in the reply; none is guessed.' },
  'provider-error': { answered: false, asked: false, why: 'The call failed; the model never replied.' },
  'budget-skipped': { answered: false, asked: false, why: 'The budget ended before the question was sent.' },
};

/** How often each outcome came. */
export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/**
 * Counts outcomes; each of them has an entry.
 *
 * @example
 * countOutcomes(['correct', 'wrong', 'correct']).correct; // 2
 */
export function countOutcomes(list: readonly Outcome[]): OutcomeCounts {
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const outcome of list) counts[outcome]++;
  return counts;
}

/** Denominators and the rates over them; undefined where the denominator is zero. */
export interface OutcomeRates {
  /** All questions, failed and skipped ones included. */
  readonly total: number;
  readonly asked: number;
  readonly answered: number;
  readonly accuracyOverAnswered: number | undefined;
  readonly accuracyOverAsked: number | undefined;
  /** Answered ÷ asked. */
  readonly coverage: number | undefined;
}

/**
 * Both accuracies and the coverage (reference: benchmarks 4.2).
 *
 * @example
 * outcomeRates(countOutcomes(['correct', 'abstained'])); // over answered 1, over asked 0.5, coverage 0.5
 */
export function outcomeRates(counts: OutcomeCounts): OutcomeRates {
  const sum = (place: (of: OutcomePlace) => boolean): number =>
    outcomes.reduce((total, outcome) => total + (place(outcomePlaces[outcome]) ? counts[outcome] : 0), 0);
  const asked = sum((place) => place.asked);
  const answered = sum((place) => place.answered);
  const over = (top: number, bottom: number): number | undefined => (bottom > 0 ? top / bottom : undefined);
  return {
    total: sum(() => true),
    asked,
    answered,
    accuracyOverAnswered: over(counts.correct, answered),
    accuracyOverAsked: over(counts.correct, asked),
    coverage: over(answered, asked),
  };
}
