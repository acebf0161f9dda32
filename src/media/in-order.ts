/** Runs many jobs a few at a time and gives results, or the first failure, in the order of the jobs. */

/**
 * Of several failures the one of the earliest job is reported, so that the same input always fails in the same way. After a failure no
 * further job is started, and later ones that are under way are not waited for.
 *
 * @param limit jobs that run at the same time
 */
export function inOrder<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  return new Promise((settle, reject) => {
    const results: R[] = [];
    const outcomes: ({ readonly error: unknown } | 'done' | undefined)[] = [];
    let started = 0;
    let settled = 0;
    let hasFailed = false;

    const advance = (): void => {
      while (outcomes[settled] === 'done') settled += 1;
      const outcome = outcomes[settled];
      if (outcome !== undefined && outcome !== 'done') reject(outcome.error);
      else if (settled === items.length) settle(results);
    };
    const run = async (): Promise<void> => {
      while (started < items.length && !hasFailed) {
        const index = started;
        started += 1;
        try {
          results[index] = await work(items[index] as T);
          outcomes[index] = 'done';
        } catch (error) {
          outcomes[index] = { error };
          hasFailed = true;
        }
        advance();
      }
    };
    for (let worker = 0; worker < limit; worker += 1) void run();
    advance();
  });
}
