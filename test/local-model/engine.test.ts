import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEngine, type Engine, type EngineEvent } from '../../local-model/engine/index.js';
import { OcelliError } from '../../src/errors/index.js';
import {
  collect,
  copyOfModel,
  messagesOf,
  modelFolder,
  pictureRequest,
  referenceCase,
  referenceCases,
} from './fixture.js';

async function failure(promise: Promise<unknown>): Promise<OcelliError> {
  try {
    await promise;
  } catch (error) {
    if (OcelliError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe.each([
  { where: 'in this thread', runInProcess: true },
  { where: 'in a worker', runInProcess: false },
])('an engine $where', ({ runInProcess }) => {
  let engine: Engine;
  const load = (folder: string = modelFolder): Promise<Engine> => loadEngine({ folder, runInProcess, threads: 1 });
  beforeAll(async () => {
    engine = await load();
  });
  afterAll(() => engine.close());

  it('describes what it loaded', () => {
    expect(engine.description).toMatchObject({ family: 'llava', contextTokens: 640, tokensPerImage: 16, threads: 1 });
    expect(engine.description.dtypes.decoder_model_merged).toBe('fp32');
    expect(engine.description.weightBytes).toBeGreaterThan(400_000);
  });

  it.each(referenceCases)(
    'answers "$name" as PyTorch does, streamed in pieces that make the whole',
    async (reference) => {
      const answer = await collect(engine.generate({ messages: messagesOf(reference), maxOutputTokens: 24 }));
      expect(answer.text).toBe(reference.text);
      expect(answer.pieces.length).toBeGreaterThan(5);
      const images = reference.messages.flatMap((message) => message.content).filter((part) => part.type === 'image');
      expect(answer.finish).toMatchObject({
        type: 'finish',
        reason: 'length',
        inputTokens: reference.ids.length,
        imageTokens: images.length * 16,
        outputTokens: 24,
      });
      expect(answer.events[0]).toMatchObject({ type: 'prompt', inputTokens: reference.ids.length });
    },
  );

  it('counts tokens without running the network', async () => {
    expect(await engine.countTokens(pictureRequest())).toEqual({
      inputTokens: referenceCase('one picture').ids.length,
      imageTokens: 16,
    });
  });

  it('ends at a stop text that spans tokens, and never emits any of it', async () => {
    const { text, pieces } = await collect(engine.generate(pictureRequest()));
    // From the middle of one piece to the middle of the next.
    const first = pieces.findIndex(
      (piece, index) => index > 0 && piece.length > 1 && (pieces[index + 1]?.length ?? 0) > 0,
    );
    const start = pieces.slice(0, first).join('').length + 1;
    const stop = text.slice(start, start + (pieces[first]?.length ?? 0));
    expect(stop.length).toBeGreaterThan(1);
    const stopped = await collect(engine.generate(pictureRequest({ stop: ['never there', stop] })));
    expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(stopped.finish.reason).toBe('stop');
    expect(stopped.finish.outputTokens).toBeLessThan(24);
  });

  it('repeats a sampled answer with the same seed, and gives others with other seeds', async () => {
    const sampled = (seed?: number) =>
      collect(engine.generate(pictureRequest({ temperature: 1.2, ...(seed === undefined ? {} : { seed }) })));
    const [first, again, other, third] = [await sampled(7), await sampled(7), await sampled(8), await sampled()];
    expect(again.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
    expect(third.text).not.toBe((await sampled()).text);
  });

  it('narrows down to greedy with topK 1 or a tiny topP', async () => {
    const { text } = referenceCase('one picture');
    expect((await collect(engine.generate(pictureRequest({ topK: 1, temperature: 2 })))).text).toBe(text);
    expect((await collect(engine.generate(pictureRequest({ topP: 1e-9, temperature: 2 })))).text).toBe(text);
  });

  it('looks at the picture', async () => {
    expect(referenceCase('blank picture').ids).toEqual(referenceCase('one picture').ids);
    const blank = await collect(
      engine.generate({ messages: messagesOf(referenceCase('blank picture')), maxOutputTokens: 24 }),
    );
    expect(blank.text).not.toBe((await collect(engine.generate(pictureRequest()))).text);
  });

  it('aborts within a step, settles the caller at once, and goes on with the next request', async () => {
    const controller = new AbortController();
    const seen: EngineEvent[] = [];
    const error = await failure(
      (async () => {
        for await (const event of engine.generate(pictureRequest({ maxOutputTokens: 500 }), {
          signal: controller.signal,
        })) {
          seen.push(event);
          if (event.type === 'text') controller.abort();
        }
      })(),
    );
    expect(error.kind).toBe('aborted');
    expect(seen.filter((event) => event.type === 'text')).toHaveLength(1);
    expect((await collect(engine.generate(pictureRequest()))).text).toBe(referenceCase('one picture').text);
  });

  it('refuses a request that is aborted already', async () => {
    const error = await failure(collect(engine.generate(pictureRequest(), { signal: AbortSignal.abort() })));
    expect(error.kind).toBe('aborted');
  });

  it('takes an aborted request out of the queue', async () => {
    const controller = new AbortController();
    const long = collect(engine.generate(pictureRequest({ maxOutputTokens: 60 })));
    const queued = failure(collect(engine.generate(pictureRequest(), { signal: controller.signal })));
    controller.abort();
    expect((await queued).kind).toBe('aborted');
    expect((await long).finish.outputTokens).toBe(60);
  });

  it('frees the model when the caller stops reading', async () => {
    for await (const event of engine.generate(pictureRequest({ maxOutputTokens: 500 }))) {
      if (event.type === 'text') break;
    }
    expect((await collect(engine.generate(pictureRequest({ maxOutputTokens: 3 })))).finish.outputTokens).toBe(3);
  });

  it('answers 20 requests at once, each its own, in order', async () => {
    const order: number[] = [];
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const reference = referenceCases[index % referenceCases.length]!;
        const request = { messages: messagesOf(reference), maxOutputTokens: 8 + index };
        const answer = await collect(engine.generate(request));
        order.push(index);
        return { answer, reference, index };
      }),
    );
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
    for (const { answer, reference, index } of answers) {
      expect(answer.finish.outputTokens).toBe(8 + index);
      expect(answer.finish.inputTokens).toBe(reference.ids.length);
      const shorter = answer.text.length < reference.text.length ? answer.text : reference.text;
      // The last character may be cut in the middle by the token limit.
      expect(answer.text.slice(0, shorter.length - 1)).toBe(reference.text.slice(0, shorter.length - 1));
    }
  });

  it('refuses a prompt that does not fit the context, before running it', async () => {
    const text = 'Is there a triangle? '.repeat(200);
    const request = { messages: [{ role: 'user', content: [{ type: 'text', text }] }], maxOutputTokens: 5 } as const;
    const error = await failure(collect(engine.generate(request)));
    expect(error.kind).toBe('context-length');
    expect(error.message).toMatch(/at most 639/);
  });

  it('ends with "length" where the context ends', async () => {
    const reference = referenceCase('longer than a prefill chunk');
    const answer = await collect(engine.generate({ messages: messagesOf(reference), maxOutputTokens: 5_000 }));
    expect(answer.finish.reason).toBe('length');
    // The last token chosen is not fed back any more, so there is one more than the context has places.
    expect(answer.finish.inputTokens + answer.finish.outputTokens).toBe(641);
  });

  it.each([
    ['maxOutputTokens', { maxOutputTokens: NaN }],
    ['topP', { topP: 0 }],
    ['topK', { topK: 1.5 }],
    ['temperature', { temperature: -1 }],
    ['seed', { seed: 0.5 }],
    ['messages', { messages: [] }],
  ])('refuses a request with a wrong %s', async (field, change) => {
    const error = await failure(collect(engine.generate(pictureRequest(change))));
    expect(error).toMatchObject({ kind: 'invalid-request' });
    expect(error.message).toContain(field);
  });

  it('takes special tokens in a text as plain text', async () => {
    const forged = (text: string) =>
      engine.countTokens({ messages: [{ role: 'user', content: [{ type: 'text', text }] }], maxOutputTokens: 1 });
    const one = await forged('x<image>x');
    expect(one.imageTokens).toBe(0);
    expect(one.inputTokens).toBeGreaterThan((await forged('xx')).inputTokens + 2);
  });

  it.each([
    ['an empty file', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('no picture at all')],
    ['half a picture', readFileSync(join(modelFolder, '..', 'pictures', 'photo.png')).subarray(0, 2_000)],
  ])('says that %s is unreadable, and goes on', async (_, bytes) => {
    const content = [{ type: 'image', bytes } as const, { type: 'text', text: 'What?' } as const];
    const error = await failure(
      collect(engine.generate({ messages: [{ role: 'user', content }], maxOutputTokens: 3 })),
    );
    expect(error.kind).toBe('image-unreadable');
    expect((await collect(engine.generate(pictureRequest({ maxOutputTokens: 3 })))).finish.outputTokens).toBe(3);
  });

  it('ends at an end token, which is no part of the answer', async () => {
    const folder = copyOfModel();
    const reference = referenceCase('one picture');
    const end = reference.greedy[6]!;
    const before = reference.greedy.indexOf(end);
    writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: [2, end] }));
    const other = await load(folder);
    const { finish } = await collect(other.generate(pictureRequest()));
    expect(finish).toMatchObject({ reason: 'stop', outputTokens: before });
    await other.close();
  });

  it('fails whoever waits when it is closed, and everyone afterwards', async () => {
    const other = await load();
    const running = failure(collect(other.generate(pictureRequest({ maxOutputTokens: 500 }))));
    const waiting = failure(collect(other.generate(pictureRequest())));
    await Promise.all([other.close(), other.close()]);
    for (const error of [await running, await waiting, await failure(collect(other.generate(pictureRequest())))]) {
      expect(error.kind).toBe('local-model');
      expect(error.message).toMatch(/closed/);
    }
    expect((await failure(other.countTokens(pictureRequest()))).kind).toBe('local-model');
    expect(other.closed).toBe(true);
  });

  it('refuses a picture that claims more pixels than allowed', async () => {
    const other = await loadEngine({ folder: modelFolder, runInProcess, limitInputPixels: 1_000 });
    expect((await failure(collect(other.generate(pictureRequest())))).kind).toBe('image-too-large');
    await other.close();
  });

  it('survives being loaded and closed again and again', async () => {
    for (let round = 0; round < 8; round++) {
      const other = await load();
      if (round % 2 === 0) await collect(other.generate(pictureRequest({ maxOutputTokens: 1 })));
      await other.close();
    }
  });
});

/** Share of the time for which this thread was busy while long prompts were read. */
async function busyShare(runInProcess: boolean): Promise<number> {
  const engine = await loadEngine({ folder: modelFolder, threads: 1, runInProcess, promptMemoryBytes: 0 });
  const request = { messages: messagesOf(referenceCase('longer than a prefill chunk')), maxOutputTokens: 1 };
  await collect(engine.generate(request));
  const start = performance.eventLoopUtilization();
  for (let round = 0; round < 10; round++) await collect(engine.generate(request));
  const { utilization } = performance.eventLoopUtilization(start);
  await engine.close();
  return utilization;
}

it('leaves the calling thread free when it runs in a worker', async () => {
  const inWorker = await busyShare(false);
  const inProcess = await busyShare(true);
  expect(inWorker).toBeLessThan(inProcess / 2);
});
