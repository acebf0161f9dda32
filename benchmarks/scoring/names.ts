/** Which names are taken for which: what a model calls the things that it misnames. */

/** One answered question for a name. */
export interface NameAnswer {
  readonly truth: string;
  readonly said: string;
  readonly correct: boolean;
}

export interface NameMetrics {
  readonly n: number;
  readonly accuracy: number;
  /** The commonest mistakes, at most ten: what it was, what was said, how often. */
  readonly mistakes: readonly { readonly truth: string; readonly said: string; readonly n: number }[];
  /** Of the wrong answers, the share of the name that is wrongly said most: near 1 where a model has one word for all. */
  readonly favourite: { readonly said: string; readonly share: number } | undefined;
}

const mostMistakes = 10;
/** A name is short; a reply that is a speech is cut. */
const mostCharacters = 60;

/**
 * The metrics of naming.
 *
 * @returns undefined for no answers
 * @example
 * nameMetrics([{ truth: 'dog', said: 'cat', correct: false }])?.mistakes[0]?.said; // 'cat'
 */
export function nameMetrics(answers: readonly NameAnswer[]): NameMetrics | undefined {
  if (answers.length === 0) return undefined;
  const wrong = answers
    .filter(({ correct }) => !correct)
    .map(({ truth, said }) => ({ truth, said: said.toLowerCase().slice(0, mostCharacters) }));
  const pairs = countedBy(wrong.map(({ truth, said }) => JSON.stringify([truth, said])));
  const [commonest] = countedBy(wrong.map(({ said }) => said));
  return {
    n: answers.length,
    accuracy: (answers.length - wrong.length) / answers.length,
    mistakes: pairs.slice(0, mostMistakes).map(([key, n]) => {
      const [truth = '', said = ''] = JSON.parse(key) as string[];
      return { truth, said, n };
    }),
    favourite: commonest === undefined ? undefined : { said: commonest[0], share: commonest[1] / wrong.length },
  };
}

/** Most frequent first; of several the first by name. */
function countedBy(values: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1));
}
