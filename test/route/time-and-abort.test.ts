import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createOcelli, OcelliError, type StreamEvent } from '../../src/index.js';
import { createScriptedAdapter, type ScriptedAdapterAnswer } from '../../src/testing/index.js';
import { createVirtualClock } from './virtual-clock.js';

function setUp(...script: readonly ScriptedAdapterAnswer[]) {
  const clock = createVirtualClock();
  const adapter = createScriptedAdapter({ script });
  const ocelli = createOcelli({ adapters: [adapter], environment: {}, clock, random: () => 0 });
  return { ocelli, clock, adapter };
}

const model = 'scripted:m';
const hangs: ScriptedAdapterAnswer = { reply: { text: ['one ', 'two'] }, hangAfterEvents: 0 };

async function kindOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (OcelliError.isInstance(error) ? error.kind : String(error)),
  );
}

describe('time-outs', () => {
  it('end an attempt that does not begin, and try again', async () => {
    const { ocelli, clock, adapter } = setUp(hangs, { reply: { text: 'second' } });
    const answer = await clock.drive(ocelli.generate({ model, prompt: 'x', timeout: { firstEventMs: 1_000 } }));
    expect(answer.text).toBe('second');
    expect(answer.attempts[0]).toMatchObject({ errorKind: 'timeout', durationMs: 1_000 });
    expect(adapter.calls[0]?.outcome).toBe('aborted');
  });

  it('end an answer that stops in the middle, with what had come', async () => {
    const { ocelli, clock } = setUp({ reply: { text: ['one ', 'two'] }, hangAfterEvents: 2 });
    const error = await clock.drive(
      ocelli.generate({ model, prompt: 'x', timeout: { idleMs: 2_000 } }).catch((failure: unknown) => failure),
    );
    expect(error).toMatchObject({ kind: 'timeout', partialReply: { text: 'one ' } });
    expect((error as OcelliError).message).toMatch(/sent nothing for 2 s/);
  });

  it('of the whole call count retries and waits', async () => {
    const { ocelli, clock } = setUp(
      { error: { kind: 'rate-limit', retryAfterMs: 5_000 } },
      { error: { kind: 'rate-limit', retryAfterMs: 5_000 } },
    );
    expect(await clock.drive(kindOf(ocelli.generate({ model, prompt: 'x', timeout: { totalMs: 8_000 } })))).toBe(
      'timeout',
    );
  });
});

describe('abort', () => {
  it('settles a call that hangs, closes it at the adapter, and keeps what had come', async () => {
    const { ocelli, adapter } = setUp({
      reply: { text: ['one ', 'two'], usage: { inputTokens: 7 } },
      hangAfterEvents: 2,
    });
    const controller = new AbortController();
    const seen: StreamEvent[] = [];
    for await (const event of ocelli.stream({ model, prompt: 'x', signal: controller.signal })) {
      seen.push(event);
      if (event.type === 'text-delta') controller.abort();
    }
    expect(seen.at(-1)).toMatchObject({ type: 'error', error: { kind: 'aborted' }, reply: { text: 'one ' } });
    expect(adapter.calls[0]?.signal.aborted).toBe(true);
  });

  it('before the call sends nothing', async () => {
    const { ocelli, adapter } = setUp({ reply: { text: 'never' } });
    expect(await kindOf(ocelli.generate({ model, prompt: 'x', signal: AbortSignal.abort() }))).toBe('aborted');
    expect(adapter.calls).toHaveLength(0);
  });

  it('ends a wait between two attempts', async () => {
    const { ocelli } = setUp({ error: { kind: 'rate-limit', retryAfterMs: 30_000 } }, { reply: { text: 'never' } });
    const controller = new AbortController();
    const kinds: string[] = [];
    for await (const event of ocelli.stream({ model, prompt: 'x', signal: controller.signal })) {
      kinds.push(event.type);
      if (event.type === 'attempt') controller.abort();
    }
    expect(kinds).toEqual(['attempt', 'error']);
  });

  it('leaves no listener on a signal that serves many calls', async () => {
    const controller = new AbortController();
    const { ocelli } = setUp(...Array.from({ length: 20 }, () => ({ reply: { text: 'ok' } })));
    for (let call = 0; call < 20; call += 1) await ocelli.generate({ model, prompt: 'x', signal: controller.signal });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('by leaving the loop closes the attempt', async () => {
    const { ocelli, adapter } = setUp({ reply: { text: ['one ', 'two'] }, hangAfterEvents: 3 });
    for await (const event of ocelli.stream({ model, prompt: 'x' })) if (event.type === 'text-delta') break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(adapter.calls[0]?.signal.aborted).toBe(true);
  });
});
