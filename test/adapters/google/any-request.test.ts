import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { google } from '../../../adapters/google/index.js';
import { OcelliError } from '../../../src/errors/index.js';
import { anyRequest } from '../anthropic/any-request.js';

const adapter = google({ environment: {} });

test('any request becomes the same body twice, or is refused by the name of the part, and is left as it was', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const description = adapter.describe(request.modelId) ?? adapter.defaultDescription;
      const before = structuredClone(request);
      try {
        const first = adapter.toWire(request, description);
        expect(JSON.stringify(adapter.toWire(request, description))).toBe(JSON.stringify(first));
      } catch (error) {
        expect(OcelliError.isInstance(error) && error.kind).toBe('unsupported-input');
        expect((error as Error).message).toMatch(/messages\[\d+\]\.content\[\d+\]/);
      }
      expect(request).toEqual(before);
    }),
    { numRuns: 300 },
  );
});
