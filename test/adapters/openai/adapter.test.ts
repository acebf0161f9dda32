/** The openai adapter as a whole: settings, injected clients, two turns of tool use. */

import { AzureOpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openai } from '../../../adapters/openai/index.js';
import type { PreparedMessage, PreparedToolResult } from '../../../src/request/index.js';
import { collect, partsOf, picture, pixelBase64, preparedRequest, textOf } from '../shared/requests.js';
import * as say from './response-events.js';
import { startVendorServer, streamOf, type VendorServer } from '../shared/vendor-server.js';

let server: VendorServer;
beforeAll(async () => {
  server = await startVendorServer();
});
afterAll(() => server.close());

const context = { signal: new AbortController().signal };

describe('the openai adapter', () => {
  it('knows the models of the catalogue and takes others only at other addresses', () => {
    const plain = openai({ environment: {} });
    expect(plain.describe('gpt-4o')?.capabilities.stop).toBe(false);
    expect(plain.describe('gpt-nothing')).toBeUndefined();
    expect(plain.acceptsUnknownModels).toBe(false);
    expect(openai({ environment: { OPENAI_BASE_URL: server.baseURL } }).acceptsUnknownModels).toBe(true);
  });

  it('reads key and address at every call', async () => {
    const environment: Record<string, string> = {};
    const target = openai({ environment });
    expect(target.missingCredential()?.message).toContain('OPENAI_API_KEY');
    Object.assign(environment, { OPENAI_API_KEY: 'first-key', OPENAI_BASE_URL: server.baseURL });
    expect(target.missingCredential()).toBeUndefined();
    const { body } = target.toWire(preparedRequest(), target.defaultDescription);
    server.answer(streamOf(say.plainAnswer('hello')));
    await collect(target.stream(body, context));
    const firstCooldownKey = target.cooldownKey;
    environment['OPENAI_API_KEY'] = 'second-key';
    await collect(target.stream(body, context));
    expect(server.requests.slice(-2).map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first-key',
      'Bearer second-key',
    ]);
    expect(target.cooldownKey).not.toBe(firstCooldownKey);
    expect(target.cooldownKey).not.toContain('second-key');
  });

  it('sends headers, organization and project', async () => {
    const target = openai({
      apiKey: 'k',
      baseURL: server.baseURL,
      organization: 'org-1',
      project: 'proj-1',
      headers: { 'x-team': 'vision' },
      environment: {},
    });
    server.answer(streamOf(say.plainAnswer('hello')));
    await collect(target.stream(target.toWire(preparedRequest(), target.defaultDescription).body, context));
    expect(server.requests.at(-1)?.headers).toMatchObject({
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
      'x-team': 'vision',
    });
  });

  it('works through an injected AzureOpenAI client', async () => {
    const client = new AzureOpenAI({
      endpoint: server.baseURL.replace('/v1', ''),
      apiKey: 'azure-secret-key',
      apiVersion: '2025-04-01-preview',
    });
    const target = openai({ client, environment: {} });
    expect(target.missingCredential()).toBeUndefined();
    expect(target.acceptsUnknownModels).toBe(true);
    expect(target.cooldownKey).not.toContain('azure-secret-key');
    server.answer(streamOf(say.plainAnswer('hello')));
    const { body } = target.toWire(preparedRequest({ modelId: 'my-deployment' }), target.defaultDescription);
    expect(textOf(await collect(target.stream(body, context)))).toBe('hello');
    expect(server.requests.at(-1)?.headers['api-key']).toBe('azure-secret-key');
    expect(server.requests.at(-1)?.path).toContain('api-version=2025-04-01-preview');
  });

  it('goes through two turns of tool use with a picture in the result and the reasoning sent back', async () => {
    const target = openai({ apiKey: 'k', baseURL: server.baseURL, environment: {} });
    const description = target.describe('gpt-5.4') ?? target.defaultDescription;
    const tools = [{ name: 'crop', parameters: { type: 'object', properties: {} } }];
    const messages: PreparedMessage[] = [{ role: 'user', content: [picture(), { type: 'text', text: 'Count.' }] }];
    const turn = async (): Promise<ReturnType<typeof partsOf>> => {
      const { body } = target.toWire(preparedRequest({ modelId: 'gpt-5.4', messages, tools }), description);
      const parts = partsOf(await collect(target.stream(body, context)));
      messages.push({ role: 'assistant', content: parts });
      return parts;
    };
    const result = (id: string): PreparedToolResult => ({
      type: 'tool-result',
      id,
      name: 'crop',
      isError: false,
      content: [picture()],
    });
    server.answer(
      streamOf([
        say.created(),
        say.summaryDelta('Zoom.'),
        say.itemDone(0, { type: 'reasoning', id: 'rs_0', summary: [], encrypted_content: 'sealed-0' }),
        say.itemDone(1, say.call('call_a', 'crop', '{"x":1}')),
        say.completed(),
      ]),
      streamOf([say.created(), say.itemDone(0, say.call('call_b', 'crop', '{"x":2}')), say.completed()]),
      streamOf(say.plainAnswer('Three coins.')),
    );
    await turn();
    messages.push({ role: 'tool', content: [result('call_a')] });
    await turn();
    messages.push({ role: 'tool', content: [result('call_b')] });
    expect(await turn()).toEqual([{ type: 'text', text: 'Three coins.' }]);
    const image = { type: 'input_image', detail: 'high', image_url: `data:image/png;base64,${pixelBase64}` };
    expect(server.requests.at(-1)?.body['input']).toEqual([
      { role: 'user', content: [image, { type: 'input_text', text: 'Count.' }] },
      {
        type: 'reasoning',
        id: 'rs_0',
        encrypted_content: 'sealed-0',
        summary: [{ type: 'summary_text', text: 'Zoom.' }],
      },
      { type: 'function_call', call_id: 'call_a', name: 'crop', arguments: '{"x":1}' },
      { type: 'function_call_output', call_id: 'call_a', output: [image] },
      { type: 'function_call', call_id: 'call_b', name: 'crop', arguments: '{"x":2}' },
      { type: 'function_call_output', call_id: 'call_b', output: [image] },
    ]);
  });
});
