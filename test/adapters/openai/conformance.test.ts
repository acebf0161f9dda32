/** The openai adapter passes the public conformance suite. */

import { afterAll, describe, it } from 'vitest';
import { openai } from '../../../adapters/openai/index.js';
import { adapterConformance, conformanceKey, createFakeServer, featureMatrix } from '../../../src/testing/index.js';

const server = await createFakeServer({ wire: 'openai' });
afterAll(() => server.close());

describe('the openai adapter conforms', () => {
  const adapter = openai({ apiKey: conformanceKey, baseURL: server.url, environment: {} });
  for (const { name, run } of adapterConformance({ adapter, server, modelId: 'any', features: featureMatrix.openai }))
    it(name, run);
});
