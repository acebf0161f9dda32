/** The openai-compatible adapter passes the public conformance suite, streaming and not. */

import { afterAll, describe, it } from 'vitest';
import { openaiCompatible } from '../../../adapters/openai-compatible/index.js';
import { adapterConformance, conformanceKey, createFakeServer, featureMatrix } from '../../../src/testing/index.js';

const server = await createFakeServer({ wire: 'openai-compatible' });
afterAll(() => server.close());

describe.each([{ stream: true }, { stream: false }])('the openai-compatible adapter conforms with %j', (compat) => {
  const adapter = openaiCompatible({ apiKey: conformanceKey, baseURL: server.url, compat, environment: {} });
  const features = featureMatrix['openai-compatible'];
  for (const { name, run } of adapterConformance({ adapter, server, modelId: 'any', features })) it(name, run);
});
