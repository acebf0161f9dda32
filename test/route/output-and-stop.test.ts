import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createOcelli, type OcelliError } from '../../src/index.js';
import { createScriptedAdapter, everything, type ScriptedAdapterAnswer } from '../../src/testing/index.js';

const without = (name: 'stop' | 'temperature') => ({
  ...everything,
  capabilities: { ...everything.capabilities, [name]: false },
});

function setUp(script: readonly ScriptedAdapterAnswer[], more: readonly ScriptedAdapterAnswer[] = []) {
  const first = createScriptedAdapter({ provider: 'first', script });
  const second = createScriptedAdapter({ provider: 'second', script: more });
  return { ocelli: createOcelli({ adapters: [first, second], environment: {} }), first, second };
}

const Count = z.object({ count: z.number().int() });

describe('structured output', () => {
  it('comes back checked and typed', async () => {
    const { ocelli, first } = setUp([{ reply: { text: '{"count": 3}' } }]);
    const reply = await ocelli.generate({ model: 'first:m', prompt: 'x', output: Count });
    expectTypeOf(reply.object).toEqualTypeOf<{ count: number } | undefined>();
    expect(reply.object).toEqual({ count: 3 });
    expect(first.calls[0]?.request.output?.schema).toMatchObject({ type: 'object', required: ['count'] });
  });

  it('works with plain JSON Schema too', async () => {
    const { ocelli } = setUp([{ reply: { text: '{"count": "three"}' } }]);
    const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] };
    await expect(ocelli.generate({ model: 'first:m', prompt: 'x', output: schema })).rejects.toMatchObject({
      kind: 'invalid-output',
      message: expect.stringContaining('integer') as string,
    });
  });

  it('goes to the next candidate when a model breaks the schema and nobody has seen it', async () => {
    const { ocelli } = setUp([{ reply: { text: 'I see three.' } }], [{ reply: { text: '{"count": 3}' } }]);
    const reply = await ocelli.generate({ model: ['first:m', 'second:m'], prompt: 'x', output: Count });
    expect(reply.object).toEqual({ count: 3 });
    expect(reply.attempts[0]).toMatchObject({ errorKind: 'invalid-output', outcome: 'failed' });
    expect(reply.text).toBe('{"count": 3}');
  });

  it('ends a stream in an error when its text was already shown', async () => {
    const { ocelli, second } = setUp([{ reply: { text: 'I see three.' } }], [{ reply: { text: '{"count": 3}' } }]);
    const failed = ocelli.stream({ model: ['first:m', 'second:m'], prompt: 'x', output: Count }).reply();
    await expect(failed).rejects.toMatchObject({ kind: 'invalid-output', partialReply: { text: 'I see three.' } });
    expect(second.calls).toHaveLength(0);
  });
});

describe('stop texts', () => {
  it('are emulated where the wire has none, even across deltas', async () => {
    const adapter = createScriptedAdapter({
      description: without('stop'),
      script: [{ reply: { text: ['one E', 'ND two'] } }],
    });
    const ocelli = createOcelli({ adapters: [adapter], environment: {} });
    const reply = await ocelli.generate({ model: 'scripted:m', prompt: 'x', stop: 'END' });
    expect(reply).toMatchObject({ text: 'one ', finishReason: 'stop', usage: { estimated: true } });
    expect(reply.warnings).toEqual([]);
  });
});

describe('an option that a target does not take', () => {
  const ask = (unsupported: 'warn' | 'error' | 'next') => {
    const cold = createScriptedAdapter({
      provider: 'cold',
      description: without('temperature'),
      script: [{ reply: { text: 'cold' } }],
    });
    const warm = createScriptedAdapter({ provider: 'warm', script: [{ reply: { text: 'warm' } }] });
    const ocelli = createOcelli({ adapters: [cold, warm], environment: {} });
    return ocelli.generate({ model: ['cold:m', 'warm:m'], prompt: 'x', temperature: 0.5, unsupported });
  };

  it('is left out with a warning by default', async () => {
    const reply = await ask('warn');
    expect(reply.text).toBe('cold');
    expect(reply.warnings).toMatchObject([{ type: 'unsupported-option', subject: 'temperature' }]);
  });

  it('is refused when asked to', async () => {
    const error = (await ask('error').catch((failure: unknown) => failure)) as OcelliError;
    expect(error).toMatchObject({ kind: 'invalid-request', model: 'cold:m' });
    expect(error.message).toMatch(/does not take temperature/);
  });

  it('sends the router on when asked to', async () => {
    expect((await ask('next')).text).toBe('warm');
  });
});

describe('a model name', () => {
  const ocelli = createOcelli({ environment: {} });

  it.each([
    ['gpt-4o', /write provider:model-id. Did you mean "openai:gpt-4o"/],
    ['opnai:gpt-4o', /Unknown provider "opnai".*Did you mean "openai"/],
    ['openai:gpt-4oo', /is not in the catalogue. Nearest: "openai:gpt-4o"/],
    ['openai:gpt-4o', /OPENAI_API_KEY/],
    ['local:tinny', /Nearest: "local:tiny"\. For/],
    ['local:./no/such-model', /"?local:\.\/no\/such-model"? is a path, and there is no model folder/],
  ])('that cannot be used is explained: %s', async (model, message) => {
    await expect(ocelli.generate({ model, prompt: 'x' })).rejects.toThrow(message);
  });

  it('of a newer model works with a row that says what it is like', async () => {
    const adapter = createScriptedAdapter({ provider: 'openai', models: {}, script: [{ reply: { text: 'new' } }] });
    const newer = createOcelli({
      adapters: [adapter],
      environment: {},
      models: [{ id: 'openai:gpt-9', like: 'openai:gpt-4o' }],
    });
    expect((await newer.generate({ model: 'openai:gpt-9', prompt: 'x' })).text).toBe('new');
  });
});
