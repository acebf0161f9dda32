import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anthropic } from '../../../adapters/anthropic/index.js';
import { OcelliError } from '../../../src/errors/index.js';
import { anyRequest } from './any-request.js';

const adapter = anthropic({ environment: {} });

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

test('turns alternate, begin with tool results where there are any, and hold no blank text', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      let body: ReturnType<typeof adapter.toWire>['body'];
      try {
        ({ body } = adapter.toWire(request, adapter.defaultDescription));
      } catch {
        return;
      }
      const roles = body.messages.map(({ role }) => role);
      roles.slice(1).forEach((role, index) => expect(role).not.toBe(roles[index]));
      for (const { content } of body.messages) {
        if (typeof content === 'string') throw new Error('content is always a list here');
        expect(content.length).toBeGreaterThan(0);
        const results = content.map(({ type }) => type === 'tool_result');
        expect(results).toEqual(results.toSorted((one, other) => Number(other) - Number(one)));
        for (const block of content) if (block.type === 'text') expect(block.text.trim()).not.toBe('');
      }
    }),
    { numRuns: 300 },
  );
});
