/** `ocelli estimate --exact`: asks the providers' count endpoints, the one form of the command that sends the pictures. */

import { createOcelli, type CandidateEstimate, type ModelRow } from '../index.js';
import type { Picture } from './estimate-pictures.js';
import type { EstimateSettings, ModelWarning } from './estimate-records.js';
import type { Problem } from './find-files.js';
import type { Io } from './io.js';

export interface ExactCounts {
  /** Input tokens of the request with this picture, by model and picture name; of the prompt alone by an empty name. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly ModelWarning[];
}

/** Requests under way; the endpoints have rate limits of their own. */
const concurrency = 4;

/** Sizes without a file cannot be counted; a model that has no endpoint or no key stays estimated, with a warning. */
export async function countExactly(
  rows: readonly ModelRow[],
  pictures: readonly Picture[],
  settings: EstimateSettings,
  io: Io,
): Promise<ExactCounts> {
  const counts = new Map<string, Map<string, number>>(rows.map((row) => [row.id, new Map()]));
  const problems: Problem[] = [];
  const silent = new Map<string, string>();
  const take = (name: string, estimate: CandidateEstimate): void => {
    if (estimate.status === 'skipped') {
      // A missing key is the same for every picture.
      if (estimate.error.kind === 'authentication') silent.set(estimate.model, estimate.error.message);
      else problems.push({ subject: `${name} at ${estimate.model}`, message: estimate.error.message });
    } else if (estimate.exactInputTokens === undefined)
      silent.set(estimate.model, `${estimate.model} has no count endpoint; its tokens are estimated.`);
    else counts.get(estimate.model)?.set(name, estimate.exactInputTokens);
  };

  const ocelli = createOcelli({ environment: io.environment });
  const files = pictures.length === 0 ? [undefined] : pictures.filter(({ bytes }) => bytes !== undefined);
  for (const { name, bytes } of pictures)
    if (bytes === undefined)
      problems.push({ subject: `--size ${name}`, message: 'A size cannot be counted exactly; --exact needs a file.' });
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < files.length; index = next++) {
      io.signal.throwIfAborted();
      const file = files[index]?.name;
      const estimates = await ocelli.estimate(
        {
          model: rows.map(({ id }) => id),
          ...(settings.detail === undefined ? {} : { detail: settings.detail }),
          signal: io.signal,
          ...(file === undefined ? {} : { images: [file] }),
          ...(settings.prompt === undefined ? {} : { prompt: settings.prompt }),
          ...(settings.maxOutputTokens === undefined ? {} : { maxOutputTokens: settings.maxOutputTokens }),
        },
        { exact: true },
      );
      for (const estimate of estimates) take(file ?? '', estimate);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, work));
  const warnings = [...silent].map(([model, message]) => ({ model, message }));
  return { counts, problems, warnings };
}
