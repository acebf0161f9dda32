import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OcelliError } from '../../src/errors/index.js';
import { validateRequest, type BaseRequest } from '../../src/request/index.js';

function problemOf(request: unknown): string {
  try {
    validateRequest(request as BaseRequest);
  } catch (error) {
    expect(OcelliError.isInstance(error) && error.kind).toBe('invalid-request');
    return (error as OcelliError).message;
  }
  return 'none';
}

const ok = { prompt: 'How many?' };

describe('a request', () => {
  it('passes with a prompt, pictures or messages', () => {
    expect(problemOf(ok)).toBe('none');
    expect(problemOf({ images: ['a.png', { source: new Uint8Array([1]), detail: 'low' }] })).toBe('none');
    expect(problemOf({ messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }] })).toBe('none');
    expect(problemOf({ ...ok, output: z.object({ n: z.number() }), stop: ['\n'], seed: -1, temperature: 0 })).toBe(
      'none',
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', {}, /give `prompt`, `images` or `messages`/],
    ['an empty prompt', { prompt: '' }, /`prompt` is empty/],
    ['an option of another library', { ...ok, maxTokens: 5 }, /Unknown option `maxTokens`/],
    ['a misspelt option', { ...ok, temprature: 1 }, /Did you mean "temperature"/],
    [
      'a temperature of 3',
      { ...ok, temperature: 3 },
      /`temperature` is 3; it must be a number of at least 0 and at most 2/,
    ],
    ['a temperature that is not a number', { ...ok, temperature: Number.NaN }, /`temperature` is NaN/],
    ['no output tokens', { ...ok, maxOutputTokens: 0 }, /`maxOutputTokens` is 0; it must be a whole number/],
    ['topP of 0', { ...ok, topP: 0 }, /above 0 and at most 1/],
    [
      'an unknown detail',
      { ...ok, detail: 'ultra' },
      /`detail` is "ultra"; allowed are low, medium, high, original, auto/,
    ],
    [
      'an unknown detail of one picture',
      { images: [{ source: 'a.png', detail: 'hi' }] },
      /`images\[0\].detail` is "hi"/,
    ],
    ['a single picture without brackets', { images: 'a.png' }, /put a single picture in brackets/],
    ['an empty path', { images: [''] }, /`images\[0\]` is an empty text/],
    ['no ids', { images: [{ fileIds: {} }] }, /at least one id by provider/],
    ['ids that are nothing', { images: [{ fileIds: null }] }, /at least one id by provider/],
    ['ids that are a text', { images: [{ fileIds: 'file-1' }] }, /at least one id by provider/],
    ['ids that are nothing, beside a source', { images: [{ fileIds: null, source: 'a.png' }] }, /fileIds/],
    ['an unknown role', { messages: [{ role: 'human', content: 'x' }] }, /`messages\[0\].role` is "human"/],
    ['an unknown part', { messages: [{ role: 'user', content: [{ type: 'imagee' }] }] }, /Did you mean "image"/],
    [
      'a picture from the assistant',
      { messages: [{ role: 'assistant', content: [{ type: 'image', source: 'a' }] }] },
      /image part in a assistant message/,
    ],
    ['only system texts', { messages: [{ role: 'system', content: 'x' }] }, /only system texts/],
    [
      'a tool result without id',
      { messages: [{ role: 'tool', content: [{ type: 'tool-result', content: 'x' }] }] },
      /id of the tool call/,
    ],
    [
      'two tools of one name',
      {
        ...ok,
        tools: [
          { name: 'a', parameters: {} },
          { name: 'a', parameters: {} },
        ],
      },
      /two tools named "a"/,
    ],
    ['a tool name with a blank', { ...ok, tools: [{ name: 'a b', parameters: {} }] }, /`tools\[0\].name` is "a b"/],
    ['a choice of no tool', { ...ok, toolChoice: 'required' }, /there are no `tools`/],
    [
      'a choice of an unknown tool',
      { ...ok, tools: [{ name: 'count', parameters: {} }], toolChoice: { name: 'cuont' } },
      /Did you mean "count"/,
    ],
    [
      'a schema with a wrong type word',
      { ...ok, output: { type: 'object', properties: { n: { type: 'int' } } } },
      /`output.properties.n.type` is "int"; JSON Schema knows/,
    ],
    ['a schema that is a text', { ...ok, output: '{}' }, /must be a Standard Schema or a JSON Schema object/],
    ['an empty stop text', { ...ok, stop: [''] }, /`stop` must be/],
    ['a negative time-out', { ...ok, timeout: { idleMs: -1 } }, /`timeout.idleMs` is -1/],
    ['an unknown time-out', { ...ok, timeout: { idle: 1 } }, /Unknown option `timeout.idle`/],
    ['a signal that is none', { ...ok, signal: {} }, /`signal` must be an AbortSignal/],
  ])('is refused with %s', (_name, request, message) => {
    expect(problemOf(request)).toMatch(message);
  });
});
