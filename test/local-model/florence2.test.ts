import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acrossSettings } from '../../local-model/engine/cross-decoding.js';
import { familyOf } from '../../local-model/engine/families.js';
import { FlorenceTasks } from '../../local-model/engine/families/florence2-tasks.js';
import { PlaceWriter } from '../../local-model/engine/families/places.js';
import { loadEngine, loadImageCounter, type Engine, type EngineRequest } from '../../local-model/engine/index.js';
import { withoutRepeats } from '../../local-model/engine/penalties.js';
import { loadPromptCounter } from '../../local-model/engine/prompt-counter.js';
import { OcelliError } from '../../src/errors/index.js';
import { FamilyFixture } from './families-parity.js';
import { collect, picture } from './fixture.js';

interface ReadAnswer {
  readonly task: string;
  readonly answer: string;
  readonly size: readonly [number, number];
  readonly read: unknown;
}

const reference = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../fixtures/families/florence2/reference/answers.json', import.meta.url)),
    'utf8',
  ),
) as { readonly prompts: Readonly<Record<string, string>>; readonly answers: readonly ReadAnswer[] };
const tasks = new FlorenceTasks({});
const fixture = new FamilyFixture('florence2');

function written(answer: string, task: string, [width, height]: readonly [number, number]): string {
  const { places } = tasks.taskOf(tagged(task));
  const writer = new PlaceWriter(places, () => ({ width, height }));
  return writer.push(answer) + writer.end();
}

/** A tag with the text that it needs, if any. */
function tagged(task: string): string {
  return (reference.prompts[task] ?? '').includes('a b') ? `${task}a b` : task;
}

/** What transformers reads out of an answer, in the words of ours. */
function expectedText(read: unknown): string {
  if (typeof read === 'string') return read;
  const { labels, bboxes_labels, bboxes, quad_boxes, polygons } = read as {
    labels?: readonly string[];
    bboxes_labels?: readonly string[];
    bboxes?: readonly (readonly number[])[];
    quad_boxes?: readonly (readonly number[])[];
    polygons?: readonly (readonly (readonly number[])[])[];
  };
  const names = labels ?? bboxes_labels ?? [];
  const places = (bboxes ?? quad_boxes)?.map((box) => [box]) ?? polygons ?? [];
  let text = '';
  let last: string | undefined;
  places.forEach((boxes, index) => {
    const name = names[index] ?? '';
    const all = boxes.map((box) => `[${box.join(', ')}]`).join(' ');
    if (name === last) text += ` ${all}`;
    else text += `${text === '' ? '' : '\n'}${name}${name === '' ? '' : ' '}${all}`;
    last = name;
  });
  return text;
}

describe('Florence-2 is asked in the sentences it was trained on', () => {
  it.each(Object.entries(reference.prompts))('%s', (tag, sentence) => {
    expect(tasks.taskOf(tagged(tag)).sentence).toBe(sentence);
    // Who knows the sentence itself may write that.
    if (!sentence.includes('a b')) expect(tasks.taskOf(sentence)).toEqual(tasks.taskOf(tag));
  });

  it.each([
    ['', '<CAPTION>'],
    ['Write a caption.', '<CAPTION>'],
    ['What is in this picture?', '<DETAILED_CAPTION>'],
    ['Describe the picture in detail.', '<MORE_DETAILED_CAPTION>'],
    ['Read the word.', '<OCR>'],
    ['What does the sign say?', '<OCR>'],
    ['Detect everything', '<OD>'],
    ['Where are the cars?', '<OD>'],
    ['Where is the text?', '<OCR_WITH_REGION>'],
  ])('a plain "%s" asks for %s', (text, tag) => {
    expect(tasks.taskOf(text)).toEqual(tasks.taskOf(tag));
  });

  it('what no task is known for goes to the model as it is', () => {
    expect(tasks.taskOf(' How many coins? ')).toEqual({ sentence: ' How many coins? ', places: 4 });
  });

  it('a folder may have sentences of its own', () => {
    const own = new FlorenceTasks({
      task_prompts_without_inputs: { '<COUNT>': 'How many are there?' },
      task_prompts_with_input: 7,
    });
    expect(own.taskOf('<COUNT>').sentence).toBe('How many are there?');
    expect(own.taskOf('<OD>').sentence).toBe(reference.prompts['<OD>']);
  });

  it.each([
    ['<OCR> please', /stands alone/],
    ['<REGION_TO_OCR>', /needs a text after it/],
  ])('%s is refused', (text, message) => {
    expect(() => tasks.taskOf(text)).toThrow(message);
  });
});

describe('places in an answer become pixels, as transformers reads them', () => {
  it.each(reference.answers.filter(({ answer, task }) => answer.includes('<loc') || task === '<CAPTION>'))(
    '$task $answer in $size',
    ({ task, answer, size, read }) => {
      expect(written(answer, task, size)).toBe(expectedText(read));
    },
  );

  it('however the answer is cut into pieces', () => {
    const answer = ' a < b<loc_10><loc_20><loc_30><loc_40>two<sep>words<loc_1><loc_2><loc_3><loc_999><loc_7> end <loc_';
    const whole = new PlaceWriter(4, () => ({ width: 100, height: 50 }));
    const expected = whole.push(answer) + whole.end();
    expect(expected).toBe('a < b [1, 1, 3, 2]\ntwowords [0, 0, 0, 49]\nend <loc_');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: answer.length })), (cuts) => {
        const writer = new PlaceWriter(4, () => ({ width: 100, height: 50 }));
        const ends = [...cuts.sort((first, second) => first - second), answer.length];
        const pieces = ends.map((end, index) => writer.push(answer.slice(ends[index - 1] ?? 0, end)));
        expect(pieces.join('') + writer.end()).toBe(expected);
      }),
    );
  });

  it('a box that is not whole is left out', () => {
    const writer = new PlaceWriter(4, () => ({ width: 100, height: 100 }));
    expect(writer.push('car<loc_1><loc_2><loc_3>') + writer.end()).toBe('car');
  });
});

it('no run of tokens comes twice where the model does not want it', () => {
  const logits = Float32Array.of(1, 2, 3, 4);
  expect([...withoutRepeats(logits, [1, 2, 3, 1, 2], 3)]).toEqual([1, 2, 3, -Infinity]);
  expect(withoutRepeats(logits, [1, 2, 3, 1, 3], 3)).toBe(logits);
  expect(withoutRepeats(logits, [1], 3)).toBe(logits);
  expect([...withoutRepeats(logits, [0, 2], 1)]).toEqual([-Infinity, 2, -Infinity, 4]);
});

it('how an answer begins is read from either file', () => {
  const stated = { decoder_start_token_id: 5, forced_bos_token_id: 6, no_repeat_ngram_size: 3 };
  const expected = { beginning: [5, 6], noRepeats: 3 };
  expect(acrossSettings({ config: {}, generationConfig: stated })).toEqual(expected);
  expect(acrossSettings({ config: { text_config: stated }, generationConfig: {} })).toEqual(expected);
  expect(acrossSettings({ config: {}, generationConfig: {} })).toEqual({ beginning: [2], noRepeats: undefined });
});

it('pictures have 577 tokens in the published sizes, with or without a statement', () => {
  const colours = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
  const size = { height: 768, width: 768 };
  const of = (preprocessorConfig: Record<string, unknown>) =>
    familyOf({
      config: { model_type: 'florence2' },
      preprocessorConfig: { ...colours, size, ...preprocessorConfig },
      processorConfig: {},
    });
  expect(of({}).tokensBySize({ width: 10, height: 4000 })).toEqual({ visual: 577, markers: 0 });
  expect(of({ image_seq_length: 577 }).imageTokens).toBe(577);
  expect(() => of({ image_seq_length: -1 })).toThrow(/"image_seq_length" must be/);
  expect(loadImageCounter(fixture.folder.path)({ width: 1, height: 1 })).toEqual({ visual: 5, markers: 0 });
});

describe('the engine with Florence-2', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadEngine({ folder: fixture.folder.path, runInProcess: true, threads: 1 });
  });
  afterAll(() => engine.close());

  function requestOf(one: FamilyFixture['cases'][number], options: Partial<EngineRequest> = {}): EngineRequest {
    const messages = one.messages.map(({ role, content }) => ({
      role,
      content: content.map((part) =>
        part.type === 'text' ? part : ({ type: 'image', bytes: picture(part.picture) } as const),
      ),
    }));
    return { messages, maxOutputTokens: 16, ...options };
  }

  it('says what it is', () => {
    expect(engine.description).toMatchObject({
      family: 'florence2',
      tokensPerImage: 5,
      contextTokens: 96,
      kvCache: 'feed-back',
      dtypes: { encoder_model: 'fp32', decoder_model_merged: 'fp32' },
    });
  });

  it.each(fixture.cases.map((one) => [one.name, one] as const))(
    'answers "%s" as PyTorch does, and counts it',
    async (_, one) => {
      const request = requestOf(one, { logprobs: 0, maxOutputTokens: one.greedy.length });
      const { finish, events } = await collect(engine.generate(request));
      expect(events.flatMap((event) => (event.type === 'token' ? [event.id] : []))).toEqual(one.greedy);
      expect(finish).toMatchObject({ inputTokens: one.ids.length, imageTokens: 5, outputTokens: one.greedy.length });
      expect(await engine.countTokens(request)).toEqual({ inputTokens: one.ids.length, imageTokens: 5 });
      const counter = await loadPromptCounter(fixture.folder.path);
      const sized = one.messages.map(({ role, content }) => ({
        role,
        content: content.map((part) =>
          part.type === 'text' ? part : ({ type: 'image', width: 9, height: 9 } as const),
        ),
      }));
      expect(counter.conversation(sized)).toEqual({ inputTokens: one.ids.length, imageTokens: 5 });
    },
  );

  it('shows places in pixels of the picture, and no token of them', async () => {
    const texts = await Promise.all(fixture.cases.map((one) => collect(engine.generate(requestOf(one)))));
    for (const { text } of texts) expect(text).not.toMatch(/<loc_|<\/?s>/);
  });

  it('answers the same again, also among others and when the picture is remembered', async () => {
    const [one] = fixture.cases;
    if (one === undefined) throw new Error('no cases');
    const first = await collect(engine.generate(requestOf(one)));
    const again = await Promise.all([1, 2, 3].map(() => collect(engine.generate(requestOf(one)))));
    for (const answer of again) expect(answer.text).toBe(first.text);
  });

  it('is held to a schema, and stops where it should', async () => {
    const [one] = fixture.cases;
    if (one === undefined) throw new Error('no cases');
    const schema = {
      type: 'object',
      properties: { yes: { type: 'boolean' } },
      required: ['yes'],
      additionalProperties: false,
    };
    const { text } = await collect(
      engine.generate(requestOf(one, { constraint: { type: 'json-schema', schema }, maxOutputTokens: 40 })),
    );
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['yes']);
    const { text: whole } = await collect(engine.generate(requestOf(one)));
    const stop = whole.slice(3, 5);
    const { text: cut, finish } = await collect(engine.generate(requestOf(one, { stop: [stop] })));
    expect(cut).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(finish.reason).toBe('stop');
  });

  it('ends where its own context ends', async () => {
    const [one] = fixture.cases;
    if (one === undefined) throw new Error('no cases');
    const { finish } = await collect(engine.generate(requestOf(one, { maxOutputTokens: 500, logitBias: { 2: -100 } })));
    // 96 places, two of them for what every answer begins with; the last token is not fed.
    expect(finish).toMatchObject({ reason: 'length', outputTokens: 95 });
  });

  it('ends when the caller is gone', async () => {
    const [one] = fixture.cases;
    if (one === undefined) throw new Error('no cases');
    const controller = new AbortController();
    const events = engine.generate(requestOf(one), { signal: controller.signal });
    await expect(
      (async () => {
        for await (const event of events) if (event.type === 'text') controller.abort();
      })(),
    ).rejects.toSatisfy((error) => OcelliError.isInstance(error) && error.kind === 'aborted');
  });

  it.each([
    ['no picture', [{ role: 'user', content: [{ type: 'text', text: '<OD>' }] }]],
    [
      'two pictures',
      [
        {
          role: 'user',
          content: [
            { type: 'image', bytes: picture('photo.png') },
            { type: 'image', bytes: picture('tall.png') },
          ],
        },
      ],
    ],
    [
      'a system text',
      [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'image', bytes: picture('photo.png') }] },
      ],
    ],
  ] as const)('refuses %s in words that another model may be tried after', async (_, messages) => {
    const asked = collect(engine.generate({ messages, maxOutputTokens: 4 }));
    await expect(asked).rejects.toSatisfy(
      (error) => OcelliError.isInstance(error) && error.kind === 'unsupported-input',
    );
  });
});

it('the folder is found whole or not at all', () => {
  expect(fixture.folder.sessions.encoder_model?.path).toBe(join(fixture.folder.path, 'onnx/encoder_model.onnx'));
  expect(fixture.folder.weightBytes).toBeGreaterThan(400_000);
});
