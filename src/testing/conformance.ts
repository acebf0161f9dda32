/** The conformance suite: what every adapter must do, as named cases for any test runner. */

import { answerCases } from './conformance/answer-cases.js';
import { failureCases } from './conformance/failure-cases.js';
import { optionCases } from './conformance/option-cases.js';
import { requestCases } from './conformance/request-cases.js';
import { Subject, type ConformanceCase, type ConformanceOptions } from './conformance/subject.js';

export { conformanceKey, type ConformanceCase, type ConformanceOptions } from './conformance/subject.js';

/**
 * The cases for one adapter. Each can be run alone and in any order, but not two at once on the same server.
 *
 * @example
 * const server = await createFakeServer({ wire: 'openai' });
 * const adapter = openai({ apiKey: conformanceKey, baseURL: server.url });
 * for (const { name, run } of adapterConformance({ adapter, server, modelId: 'any', features: featureMatrix.openai })) test(name, run);
 */
export function adapterConformance(options: ConformanceOptions): readonly ConformanceCase[] {
  const subject = new Subject(options);
  return [...answerCases(subject), ...requestCases(subject), ...optionCases(subject), ...failureCases(subject)];
}
