/** Every wire adapter keeps the adapter contract, through the vendor's real SDK and real HTTP. */

import { afterAll, describe, it } from 'vitest';
import type { Adapter } from '../../adapters/adapter.js';
import { anthropic } from '../../adapters/anthropic/index.js';
import { google } from '../../adapters/google/index.js';
import { openaiCompatible } from '../../adapters/openai-compatible/index.js';
import { openai } from '../../adapters/openai/index.js';
import {
  adapterConformance,
  conformanceKey,
  createFakeServer,
  createScriptedAdapter,
  featureMatrix,
  type FakeServer,
  type FeatureRow,
  type WireName,
} from '../../src/testing/index.js';

interface Candidate {
  readonly name: string;
  readonly wire: WireName;
  readonly features: FeatureRow;
  create(server: FakeServer): Adapter;
}

const apiKey = conformanceKey;
const candidates: readonly Candidate[] = [
  {
    name: 'openai',
    wire: 'openai',
    features: featureMatrix.openai,
    create: (server) => openai({ apiKey, baseURL: server.url }),
  },
  {
    name: 'openai-compatible',
    wire: 'openai-compatible',
    features: featureMatrix['openai-compatible'],
    create: (server) => openaiCompatible({ apiKey, baseURL: server.url }),
  },
  {
    name: 'openai-compatible without streaming',
    wire: 'openai-compatible',
    features: featureMatrix['openai-compatible'],
    create: (server) => openaiCompatible({ apiKey, baseURL: server.url, compat: { stream: false } }),
  },
  {
    name: 'openai-compatible with all flags on',
    wire: 'openai-compatible',
    features: {
      ...featureMatrix['openai-compatible'],
      'image-url': 'supported',
      'image-in-tool-result': 'supported',
      'top-k': 'supported',
    },
    create: (server) => {
      const compat = { topK: true, imageUrls: true, imageInToolResult: true, developerRole: true } as const;
      return openaiCompatible({ apiKey, baseURL: server.url, compat });
    },
  },
  {
    name: 'anthropic',
    wire: 'anthropic',
    features: featureMatrix.anthropic,
    create: (server) => anthropic({ apiKey, baseURL: server.url }),
  },
  {
    name: 'google',
    wire: 'google',
    features: featureMatrix.google,
    create: (server) => google({ apiKey, baseURL: server.url }),
  },
];

for (const candidate of candidates) {
  const server = await createFakeServer({ wire: candidate.wire, strict: true });
  const adapter = candidate.create(server);
  describe(`the ${candidate.name} adapter`, () => {
    afterAll(() => server.close());
    for (const { name, run } of adapterConformance({
      adapter,
      server,
      modelId: 'model-for-conformance',
      features: candidate.features,
    }))
      it(name, run);
  });
}

describe('the scripted adapter', () => {
  const adapter = createScriptedAdapter();
  const cases = adapterConformance({
    adapter: adapter,
    modelId: 'any',
    features: { ...featureMatrix.google, 'count-tokens': 'unsupported' },
    script: (reply) => adapter.script({ reply }),
  });
  for (const { name, run } of cases) it(name, run);
});
