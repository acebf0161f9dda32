/** The openai-compatible adapter as a whole: settings, keys that stay at home, two turns of tool use. */

import { OpenAI } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openaiCompatible } from '../../../adapters/openai-compatible/index.js';
import type { AdapterWithModels } from '../../../adapters/adapter.js';
import type { PreparedMessage } from '../../../src/request/index.js';
import { collect, partsOf, picture, preparedRequest, textOf } from '../shared/requests.js';
import { startVendorServer, streamOf, type VendorServer } from '../shared/vendor-server.js';
import * as say from './chat-events.js';

let server: VendorServer;
beforeAll(async () => {
  server = await startVendorServer();
});
afterAll(() => server.close());
afterEach(() => vi.unstubAllEnvs());

const context = { signal: new AbortController().signal };

async function askOnce<Body>(target: AdapterWithModels<Body>): Promise<string> {
  server.answer(streamOf(say.plainAnswer('hello')));
  const { body } = target.toWire(preparedRequest({ modelId: 'qwen' }), target.defaultDescription);
  return textOf(await collect(target.stream(body, context)));
}

describe('the openai-compatible adapter', () => {
  it('reads address and key from the environment under its default name', async () => {
    const environment: Record<string, string> = {};
    const target = openaiCompatible({ environment });
    expect(target.provider).toBe('openai-compatible');
    expect(target.missingCredential()?.variables).toEqual(['OPENAI_COMPATIBLE_BASE_URL']);
    Object.assign(environment, { OPENAI_COMPATIBLE_BASE_URL: server.baseURL, OPENAI_COMPATIBLE_API_KEY: 'env-key' });
    expect(target.missingCredential()).toBeUndefined();
    expect(await askOnce(target)).toBe('hello');
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer env-key');
    expect(target.cooldownKey).not.toContain('env-key');
  });

  it('sends that key to no server of another name', async () => {
    const environment = { OPENAI_COMPATIBLE_API_KEY: 'env-key', OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:9/v1' };
    await askOnce(openaiCompatible({ name: 'mine', baseURL: server.baseURL, environment }));
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  it('reads the key from a variable of its own, and misses it when it is not set', async () => {
    const environment: Record<string, string> = {};
    const target = openaiCompatible({ name: 'mine', baseURL: server.baseURL, apiKeyVariable: 'MINE_KEY', environment });
    expect(target.missingCredential()).toEqual({
      variables: ['MINE_KEY'],
      message: 'Set MINE_KEY to the key for mine.',
    });
    environment['MINE_KEY'] = 'mine-key';
    await askOnce(target);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer mine-key');
  });

  it("never sends OpenAI's own keys, organization or headers to the server", async () => {
    vi.stubEnv('OPENAI_API_KEY', 'openai-key');
    vi.stubEnv('OPENAI_ADMIN_KEY', 'openai-admin-key');
    vi.stubEnv('OPENAI_ORG_ID', 'openai-org');
    vi.stubEnv('OPENAI_PROJECT_ID', 'openai-project');
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'X-Gateway-Token: openai-gateway\nX-Other: openai-other');
    await askOnce(openaiCompatible({ name: 'mine', baseURL: server.baseURL }));
    expect(JSON.stringify(server.requests.at(-1)?.headers)).not.toMatch(
      /openai-(?:key|admin|org|project|gateway|other)/,
    );
  });

  it('sends headers, also one that stands for the key', async () => {
    await askOnce(
      openaiCompatible({
        name: 'mine',
        baseURL: server.baseURL,
        headers: { authorization: 'Basic abc' },
        environment: {},
      }),
    );
    expect(server.requests.at(-1)?.headers.authorization).toBe('Basic abc');
  });

  it('describes the models it was told of and takes all others', () => {
    const base = openaiCompatible({ baseURL: server.baseURL, environment: {} }).defaultDescription;
    const target = openaiCompatible({
      baseURL: server.baseURL,
      models: { small: { ...base, limits: { contextTokens: 9 } } },
    });
    expect(target.describe('small')?.limits.contextTokens).toBe(9);
    expect(target.describe('toString')).toBeUndefined();
    expect(target.acceptsUnknownModels).toBe(true);
    expect(target.model('small')).toEqual({ adapter: target, modelId: 'small' });
  });

  it('works through an injected client', async () => {
    const client = new OpenAI({ baseURL: server.baseURL, apiKey: 'injected-key' });
    const target = openaiCompatible({ name: 'mine', client, environment: {} });
    expect(target.missingCredential()).toBeUndefined();
    expect(await askOnce(target)).toBe('hello');
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer injected-key');
  });

  it('goes through two turns of tool use with a picture in the result', async () => {
    const target = openaiCompatible({ name: 'mine', baseURL: server.baseURL, environment: {} });
    const tools = [{ name: 'crop', parameters: { type: 'object', properties: {} } }];
    const messages: PreparedMessage[] = [{ role: 'user', content: [picture(), { type: 'text', text: 'Count.' }] }];
    const turn = async (): Promise<ReturnType<typeof partsOf>> => {
      const { body } = target.toWire(preparedRequest({ modelId: 'qwen', messages, tools }), target.defaultDescription);
      const parts = partsOf(await collect(target.stream(body, context)));
      messages.push({ role: 'assistant', content: parts });
      return parts;
    };
    const calls = (id: string): readonly unknown[] => [
      say.call(0, { id, function: { name: 'crop', arguments: '{"x":1}' } }),
      say.last('tool_calls'),
    ];
    server.answer(streamOf(calls('call_a')), streamOf(calls('call_b')), streamOf(say.plainAnswer('Three coins.')));
    for (const id of ['call_a', 'call_b']) {
      await turn();
      messages.push({
        role: 'tool',
        content: [{ type: 'tool-result', id, name: 'crop', isError: false, content: [picture()] }],
      });
    }
    expect(await turn()).toEqual([{ type: 'text', text: 'Three coins.' }]);
    const sent = server.requests.at(-1)?.body['messages'] as readonly { role: string }[];
    expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user', 'assistant', 'tool', 'user']);
    expect(sent[3]).toEqual({
      role: 'user',
      content: [
        { type: 'text', text: 'From the result of crop (call_a):' },
        { type: 'image_url', image_url: expect.objectContaining({ detail: 'high' }) as unknown },
      ],
    });
  });
});
