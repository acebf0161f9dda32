import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Answer } from '../../local-model/engine/answer.js';
import { plainCharacter } from '../../local-model/engine/constrain/characters.js';
import { Constraints } from '../../local-model/engine/constrain/constraint.js';
import { dead, Grammar, Machine } from '../../local-model/engine/constrain/grammar.js';
import { jsonSchema } from '../../local-model/engine/constrain/json-schema.js';
import { numbers } from '../../local-model/engine/constrain/numbers.js';
import { regex } from '../../local-model/engine/constrain/regex.js';
import { tokenBytes, type TokenBytes } from '../../local-model/engine/constrain/token-bytes.js';
import { longestToken } from '../../local-model/engine/constrain/token-trie.js';
import type { JsonRecord } from '../../local-model/engine/json.js';
import type { EngineConstraint, EngineRequest } from '../../local-model/engine/request.js';
import { seededRandom } from '../../local-model/engine/sampler.js';
import { loadTokenizer, type Tokenizer } from '../../local-model/engine/tokenizer.js';

const weights = fileURLToPath(new URL('../../local-model/weights', import.meta.url));
const readJson = (name: string): JsonRecord => JSON.parse(readFileSync(join(weights, name), 'utf8')) as JsonRecord;
const file = readJson('tokenizer.json');
const vocabulary: TokenBytes = tokenBytes(file);
const constraints = new Constraints(vocabulary);
const end = 2;
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer({ tokenizer: file, tokenizerConfig: readJson('tokenizer_config.json') });
});

/** An answer by a model that knows nothing: random logits, drawn from at temperature 1. */
function randomAnswer(constraint: EngineConstraint, seed: number, most: number): { text: string; reason: string } {
  const request: EngineRequest = { messages: [], maxOutputTokens: most, temperature: 1, seed, constraint };
  const answer = new Answer({
    request,
    promptIds: [],
    tokenizer,
    endTokens: new Set([end]),
    most,
    constraint: constraints.create(constraint),
  });
  const random = seededRandom(seed + 1);
  let text = '';
  const show = (events: Iterable<{ readonly type: string; readonly text?: string }>): void => {
    for (const event of events) text += event.text ?? '';
  };
  while (answer.reason === undefined) {
    for (const id of answer.forced()) show(answer.take(id) as Iterable<{ type: string }>);
    if (answer.reason !== undefined) break;
    const logits = Float32Array.from({ length: vocabulary.length }, () => random() * 8);
    show(answer.take(answer.choose(logits), logits) as Iterable<{ type: string }>);
  }
  show(answer.end() as Iterable<{ type: string }>);
  return { text, reason: answer.reason };
}

function matches(expression: (grammar: Grammar) => number, text: string): boolean {
  const grammar = new Grammar();
  const machine = new Machine(grammar, expression(grammar));
  const state = machine.advance(machine.start, Buffer.from(text));
  return state !== dead && machine.isComplete(state);
}

const jsonMatches = (schema: unknown, value: unknown): boolean =>
  matches((grammar) => jsonSchema(grammar, schema), typeof value === 'string' ? value : JSON.stringify(value));

/** Schemas of the kinds that are kept to, nested. */
const { schema: anySchema } = fc.letrec<{ schema: unknown; object: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { type: 'string' }, { type: 'number' }, { type: 'integer' }),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(3), maxLength: fc.integer({ min: 3, max: 12 }) }),
    fc.record({
      type: fc.constant('string'),
      pattern: fc.constantFrom('^[a-c]{2,4}$', 'x|y', '^\\d+(\\.\\d+)?$', '[^"\\\\]é', '^(?:ab|"\\n)*$'),
    }),
    fc.record({
      type: fc.constant('string'),
      format: fc.constantFrom('date', 'date-time', 'email', 'uuid', 'ipv4', 'uri'),
    }),
    fc
      .tuple(fc.integer({ min: -1200, max: 1200 }), fc.nat(900))
      .map(([minimum, width]) => ({ type: 'integer', minimum, exclusiveMaximum: minimum + width + 1 })),
    fc
      .tuple(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: 1, max: 900 }), fc.boolean())
      .map(([low, width, isOpen]) => ({
        type: 'number',
        [isOpen ? 'exclusiveMinimum' : 'minimum']: low / 100,
        [isOpen ? 'exclusiveMaximum' : 'maximum']: (low + width) / 100,
      })),
    fc.record({ enum: fc.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 4 }) }),
    fc.record({ const: fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer()) }),
    fc.record({ type: fc.constant(['string', 'null', 'integer']) }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc
      .tuple(fc.integer({ min: 0, max: 2 }), tie('schema'), fc.integer({ min: 0, max: 2 }))
      .map(([minItems, items, more]) => ({
        type: 'array',
        items,
        minItems,
        maxItems: minItems + more,
      })),
    fc.record({
      type: fc.constant('array'),
      prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
      minItems: fc.constant(1),
    }),
    tie('object'),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
    fc.record({ allOf: fc.tuple(tie('object'), fc.record({ required: fc.constant(['a']) })) }),
  ),
  object: fc
    .dictionary(fc.constantFrom('a', 'b', 'long name', 'quote"d', 'ü'), tie('schema'), { minKeys: 1, maxKeys: 3 })
    .chain((properties) =>
      fc.record({
        type: fc.constant('object'),
        properties: fc.constant(properties),
        required: fc.subarray(Object.keys(properties)),
        additionalProperties: fc.constantFrom(false, true),
      }),
    ),
}));

describe('an answer held to a JSON schema', () => {
  it('is valid JSON of that schema whatever the model would say, also when there is little room', () => {
    fc.assert(
      fc.property(
        anySchema,
        fc.integer({ min: 0, max: 2 ** 30 }),
        fc.integer({ min: 8, max: 160 }),
        (schema, seed, extra) => {
          const grammar = new Grammar();
          const least = grammar.shortest(jsonSchema(grammar, schema));
          fc.pre(least < Infinity);
          const { text, reason } = randomAnswer({ type: 'json-schema', schema }, seed, least + extra);
          expect(reason).toBe('stop');
          const result = new Validator(schema as object, '2020-12').validate(JSON.parse(text));
          expect(result.errors, text).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('may be recursive, and ends all the same', () => {
    const schema = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { value: { type: 'integer' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
          required: ['value', 'children'],
        },
      },
    };
    for (let seed = 0; seed < 30; seed++) {
      const { text } = randomAnswer({ type: 'json-schema', schema }, seed, 120);
      expect(new Validator(schema, '2020-12').validate(JSON.parse(text)).errors, text).toEqual([]);
    }
  });

  it.each([
    [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, 5, '"x"', 'true'],
    [
      {
        oneOf: [
          { properties: { kind: { const: 'a' } }, required: ['kind'], type: 'object' },
          { properties: { kind: { const: 'b' } }, required: ['kind'], type: 'object' },
        ],
      },
      { kind: 'b' },
      '{"kind": "a"}',
      '{"kind": "c"}',
    ],
    [
      { type: 'object', additionalProperties: { type: 'integer' }, propertyNames: { enum: ['x', 'y'] } },
      '{"x": 1}',
      '{}',
      '{"z": 1}',
    ],
    [{ type: 'string', pattern: 'b' }, '"abc"', '"b"', '"ac"'],
    [{ type: 'array', items: false }, [], '[]', '[1]'],
    [{ enum: ['a', 1], type: 'string' }, '"a"', '"a"', '1'],
    [{}, '{"any": [1, null, {"x": true}]}', '-0.5', '{,}'],
  ])('%j takes what fits and nothing else', (schema, value, also, other) => {
    expect(jsonMatches(schema, typeof value === 'object' ? JSON.stringify(value).replaceAll(':', ': ') : value)).toBe(
      true,
    );
    expect(jsonMatches(schema, also)).toBe(true);
    expect(jsonMatches(schema, other)).toBe(false);
  });

  it.each([
    [{ not: { type: 'string' } }, /uses `not` at output/],
    [
      { type: 'object', properties: { a: { type: 'array', uniqueItems: true } } },
      /`uniqueItems` at output\.properties\.a/,
    ],
    [{ type: 'number', multipleOf: 0.1 }, /`multipleOf`/],
    [{ type: 'string', pattern: '(?=a)b' }, /looks ahead/],
    [{ type: 'string', pattern: 'a', minLength: 3 }, /together with a length/],
    [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, /oneOf/],
    [{ $ref: 'https://example.com/schema' }, /outside the schema/],
    [{ $ref: '#/$defs/none' }, /not there/],
    [{ type: 'object', properties: { a: {} }, propertyNames: { enum: ['b'] } }, /`propertyNames`/],
    [{ type: 'string', enum: [1] }, /no value at all/],
    [{ $ref: '#' }, /no value at all/],
    [{ $ref: '#', minimum: 1 }, /refers to itself/],
    [{ type: 'integer', minimum: 3, maximum: 2 }, /no value at all/],
  ])('%j is refused, not half kept', (schema, message) => {
    expect(() => constraints.create({ type: 'json-schema', schema })).toThrow(message);
  });
});

/** Longer tokens are never chosen under a grammar. */
const isChoosable = (bytes: Uint8Array | undefined): bytes is Uint8Array =>
  bytes !== undefined && bytes.length > 0 && bytes.length <= longestToken;

describe('the tokens that may come', () => {
  it('are those after which the grammar goes on, one by one, also where counts are far from their bounds', () => {
    const schema = { type: 'string', minLength: 40, maxLength: 90 };
    const grammar = new Grammar();
    const machine = new Machine(grammar, jsonSchema(grammar, schema));
    const constraint = constraints.create({ type: 'json-schema', schema });
    let state = machine.start;
    const random = seededRandom(11);
    while (!constraint.isFinal) {
      const single = [...vocabulary.entries()].flatMap(([id, bytes]) =>
        isChoosable(bytes) && machine.advance(state, bytes) !== dead ? [id] : [],
      );
      const allowed = [...constraint.allowed()];
      expect(allowed).toEqual(single);
      const id = allowed[Math.floor(random() * allowed.length)] ?? 0;
      constraint.push(id);
      state = machine.advance(state, vocabulary[id] ?? new Uint8Array(0));
    }
  });
});

describe('numbers between bounds', () => {
  it('are all within, and every number of few decimals within can be written', () => {
    const hundredth = fc.integer({ min: -30_000, max: 30_000 }).map((value) => value / 100);
    fc.assert(
      fc.property(hundredth, hundredth, hundredth, fc.boolean(), (first, second, value, isOpen) => {
        const [low, high] = [Math.min(first, second), Math.max(first, second)];
        const bounds = isOpen ? { exclusiveMinimum: low, exclusiveMaximum: high } : { minimum: low, maximum: high };
        const isWithin = isOpen ? value > low && value < high : value >= low && value <= high;
        const grammar = new Grammar();
        fc.pre(grammar.shortest(numbers(grammar, bounds)) < Infinity);
        const written = matches((grammar) => numbers(grammar, bounds), JSON.stringify(value));
        expect(written).toBe(isWithin);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an answer held to a pattern', () => {
  const plain = { character: plainCharacter, isSearch: false };
  const texts = [
    '',
    'a',
    'ab',
    'abc',
    'aab',
    '12',
    '3.5',
    'é',
    'ß1',
    'x y',
    '\t',
    'A_9',
    '-',
    'foo.bar@example.org',
    '😀',
    'a\nb',
  ];

  it.each([
    'a|b', '(a|b)*c?', '[a-c]+', '[^a-c]', '\\d+(\\.\\d+)?', '\\w+', '\\S{2,3}', '.', '[\\s\\S]+', '\\u00e9|\\x61', '(?:ab){1,2}', '(?<name>a)b?',
    '[\\w.-]+@[\\w-]+(?:\\.[a-z]+)+', 'a{2}b', '\\u{1F600}|ß\\d', '[A-Z]_9|-', '^a+b?$', '\\W',
  ])('/%s/ matches as JavaScript does', (pattern) => {
    for (const text of texts) {
      const expected = new RegExp(`^(?:${pattern})$`, 'u').test(text);
      expect(matches((grammar) => regex(grammar, pattern, plain), text), text).toBe(expected);
    }
  }); // prettier-ignore

  it('is matched whole by random answers', () => {
    for (const pattern of ['[A-Z]{3}-\\d{4}', '(yes|no), (because|as) [a-z ]{5,30}\\.', '.{0,12}ü+']) {
      for (let seed = 0; seed < 20; seed++) {
        const { text } = randomAnswer({ type: 'regex', pattern }, seed, 60);
        expect(text).toMatch(new RegExp(`^(?:${pattern})$`, 'u'));
      }
    }
  });

  it.each(['(?=a)b', '(?<!a)b', '\\bword', '(a)\\1', '\\p{L}', 'a$b', '['])('/%s/ is refused', (pattern) => {
    expect(() => constraints.create({ type: 'regex', pattern })).toThrow(/pattern/);
  });
});

describe('an answer that is one of some texts', () => {
  it('is one of them, also where one is the beginning of another', () => {
    const values = ['one', 'one hundred', 'zwölf'];
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) seen.add(randomAnswer({ type: 'choice', values }, seed, 30).text);
    expect([...seen].sort()).toEqual(values);
  });
});

describe('what must come', () => {
  it('is known without asking the model', () => {
    const schema = {
      type: 'object',
      properties: { number_of_circles: { type: 'integer' } },
      required: ['number_of_circles'],
    };
    const constraint = constraints.create({ type: 'json-schema', schema });
    expect(Buffer.from(constraint.forced()).toString()).toBe('{"number_of_circles": ');
  });

  it('the bytes of tokens are those that their text has', () => {
    const text = 'How many red circles are there? Ü, "quoted"\n\t{"a": [1, 2]} 😀';
    const ids = tokenizer.encode(text, { add_special_tokens: false }).ids;
    expect(Buffer.concat(ids.map((id) => vocabulary[id] ?? Buffer.alloc(0))).toString('utf8')).toBe(text);
  });

  it('SentencePiece vocabularies write blanks and single bytes; word pieces are refused', () => {
    const pieces = {
      model: { vocab: { '\u2581a': 0, '<0x0A>': 1, '<s>': 2 } },
      decoder: { type: 'ByteFallback' },
      added_tokens: [{ id: 2, content: '<s>', special: true }],
    };
    expect(
      tokenBytes(pieces).map((bytes) => (bytes === undefined ? undefined : Buffer.from(bytes).toString())),
    ).toEqual([' a', '\n', undefined]);
    expect(() => tokenBytes({ model: { vocab: {} }, decoder: { type: 'WordPiece' } })).toThrow(/not made of bytes/);
  });
});
