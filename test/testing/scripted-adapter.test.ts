/** The scripted adapter keeps the adapter contract: order, one finish, errors by kind, abort, records. */

import { describe, expect, it } from 'vitest';
import type { AdapterEvent, PreparedRequest } from '../../src/request/index.js';
import { createManualClock, createScriptedAdapter, everything, type ScriptedAdapter } from '../../src/testing/index.js';

const request: PreparedRequest = {
  modelId: 'any',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'How many?' }] }],
  maxOutputTokens: 100,
  stop: [],
  tools: [],
  toolChoice: 'auto',
  providerOptions: {},
};

async function collect(adapter: ScriptedAdapter, signal = new AbortController().signal): Promise<AdapterEvent[]> {
  const events: AdapterEvent[] = [];
  for await (const event of adapter.stream(request, { signal })) events.push(event);
  return events;
}

describe('the scripted adapter', () => {
  it('yields reasoning, text and interleaved tool calls, then one finish with the scripted usage', async () => {
    const adapter = createScriptedAdapter({
      script: [
        {
          reply: {
            reasoning: { text: 'hm', signature: 'sig' },
            text: ['a', 'b'],
            interleaved: true,
            toolCalls: [
              { id: '1', name: 'count', arguments: { of: 'coins' } },
              { id: '2', name: 'look', arguments: {}, argumentChunks: ['{', '', '}'] },
            ],
            usage: { inputTokens: 30, outputTokens: 9 },
          },
        },
      ],
    });
    const events = await collect(adapter);
    expect(events.map((event) => event.type)).toEqual([
      'response-start',
      'reasoning-delta',
      'reasoning-delta',
      'text-delta',
      'text-delta',
      'tool-call-start',
      'tool-call-start',
      ...Array.from({ length: 5 }, () => 'tool-call-delta'),
      'tool-call-end',
      'tool-call-end',
      'finish',
    ]);
    expect(events.at(2)).toMatchObject({ providerData: { scripted: { signature: 'sig' } } });
    expect(events.at(-1)).toMatchObject({ reason: 'tool-calls', usage: { inputTokens: 30, outputTokens: 9 } });
    const first = events.flatMap((event) => (event.type === 'tool-call-delta' && event.id === '1' ? [event] : []));
    expect(first.map((event) => event.argumentsText).join('')).toBe('{"of":"coins"}');
  });

  it('throws scripted errors by kind, in order, and records how each call ended', async () => {
    const adapter = createScriptedAdapter({
      script: [
        { error: { kind: 'rate-limit', retryAfterMs: 120_000 } },
        { reply: { text: ['half', 'whole'] }, failAfterEvents: 2 },
      ],
      default: { reply: { text: 'fine' } },
    });
    await expect(collect(adapter)).rejects.toMatchObject({ kind: 'rate-limit', retryAfterMs: 120_000 });
    await expect(collect(adapter)).rejects.toMatchObject({ kind: 'network', provider: 'scripted' });
    await collect(adapter);
    expect(adapter.calls.map((call) => [call.outcome, call.eventsYielded])).toEqual([
      ['failed', 0],
      ['failed', 2],
      ['finished', 3],
    ]);
  });

  it('says so when the script is used up', async () => {
    await expect(collect(createScriptedAdapter())).rejects.toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('no step for call 1'),
    });
  });

  it('waits on the given clock and obeys abort while it waits', async () => {
    const clock = createManualClock();
    const adapter = createScriptedAdapter({
      clock,
      script: [
        { reply: { text: 'late' }, delayMs: 5_000 },
        { reply: { text: 'never' }, hangAfterEvents: 1 },
      ],
    });
    const late = collect(adapter);
    await until(() => clock.sleeping === 1);
    clock.advance(4_999);
    expect(clock.sleeping).toBe(1);
    clock.advance(1);
    expect((await late).at(-1)?.type).toBe('finish');

    const controller = new AbortController();
    const never = collect(adapter, controller.signal);
    await until(() => clock.sleeping === 1);
    controller.abort();
    await expect(never).rejects.toMatchObject({ kind: 'aborted' });
    expect(adapter.calls.at(-1)).toMatchObject({ outcome: 'aborted', eventsYielded: 1 });
  });

  it('records a reader that leaves early', async () => {
    const adapter = createScriptedAdapter({ script: [{ reply: { text: ['a', 'b'] } }] });
    for await (const event of adapter.stream(request, { signal: new AbortController().signal }))
      if (event.type === 'text-delta') break;
    expect(adapter.calls[0]).toMatchObject({ outcome: 'left', eventsYielded: 2 });
  });

  it('leaves out options the model does not take and refuses parts it does not take', () => {
    const adapter = createScriptedAdapter();
    const blind = {
      ...everything,
      capabilities: { ...everything.capabilities, input: ['text' as const], temperature: false },
    };
    const warm = adapter.toWire({ ...request, temperature: 1 }, blind);
    expect(warm.body.temperature).toBeUndefined();
    expect(warm.warnings).toMatchObject([{ type: 'unsupported-option', subject: 'temperature' }]);
    const media = { type: 'url' as const, url: 'https://example.org/coins.png' };
    expect(() =>
      adapter.toWire(
        { ...request, messages: [{ role: 'user', content: [{ type: 'image', media, detail: 'high' }] }] },
        blind,
      ),
    ).toThrow(expect.objectContaining({ kind: 'unsupported-input' }));
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
