import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anthropic } from '../../../adapters/anthropic/index.js';
import { anyRequest, testThatAnyRequestIsWrittenOrRefused } from '../shared/any-request.js';

const adapter = anthropic({ environment: {} });

testThatAnyRequestIsWrittenOrRefused(adapter);

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
