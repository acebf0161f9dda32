/** What prompts and models are called on the page. */

import type { SuiteAnalysis } from './analysis.js';

/** Prompts are numbered from 1 for readers. */
export function promptLabel(prompt: number): string {
  return `prompt ${prompt + 1}`;
}

/** The model's id; verdicts that were published by others go by the model's bare name. */
export function shortName(model: string): string {
  return model.replace(/^published:/, '');
}

/** Names with a dagger where the model was trained on a generator of the report. */
export function labeller(suites: readonly SuiteAnalysis[]): (model: string) => string {
  const marked = new Set(
    suites.flatMap(({ models }) => models.filter(({ trainedOnSuite }) => trainedOnSuite).map(({ model }) => model)),
  );
  return (model) => (marked.has(model) ? `${shortName(model)}†` : shortName(model));
}
