/** Turns a JSON Schema (draft 2020-12) into a grammar of JSON texts, all of which are valid against it. */

import { isRecord, type JsonRecord } from '../json.js';
import { anyCharacter, jsonCharacter } from './characters.js';
import { dead, Machine, type Expression, type Grammar } from './grammar.js';
import { integers, numbers } from './numbers.js';
import { regex } from './regex.js';
import { checkKeywords, formats, readBounds, readSize, unsupported } from './schema-keywords.js';
import { areDisjoint, merge, typesOf, valuesOf, type Resolve, type Schema } from './schema-logic.js';

/** References that lead through more others than this lead in a circle. */
const maxReferences = 64;

/**
 * The grammar may be narrower than the schema (properties come in order, none is added where some are named, no white space but one blank after
 * `:` and `,`), never wider.
 *
 * @throws OcelliError `unsupported-input` for a keyword that cannot be kept to
 */
export function jsonSchema(grammar: Grammar, schema: unknown): Expression {
  return new SchemaReader(grammar, schema).value(schema, 'output');
}

class SchemaReader {
  readonly #grammar: Grammar;
  readonly #root: unknown;
  readonly #references = new Map<string, Expression>();
  readonly #any: Expression;

  constructor(grammar: Grammar, root: unknown) {
    this.#grammar = grammar;
    this.#root = root;
    const any = grammar.rule();
    this.#any = any.expression;
    any.define(
      grammar.choice([
        this.#string({}, ''),
        numbers(grammar, {}),
        ...['true', 'false', 'null'].map((word) => grammar.text(word)),
        this.#list([], this.#any, 0, Infinity),
        this.#pairs(this.#string({}, ''), this.#any, 0),
      ]),
    );
  }

  /** @param path where it stands, for messages */
  value(schema: unknown, path: string): Expression {
    if (schema === true || (isRecord(schema) && Object.keys(schema).length === 0)) return this.#any;
    if (schema === false) return this.#grammar.never;
    if (!isRecord(schema)) throw unsupported(path, 'is no schema');
    const { $ref, ...rest } = schema;
    if (typeof $ref === 'string') {
      return this.#hasRules(rest)
        ? this.value(merge(this.#resolve(schema), rest, this.#resolve), path)
        : this.#reference($ref, path);
    }
    if (Array.isArray(schema['allOf'])) {
      const { allOf, ...base } = schema;
      const whole = (allOf as unknown[]).reduce<unknown>((sum, part) => merge(sum, part, this.#resolve), base);
      return this.value(whole, path);
    }
    checkKeywords(schema, path);
    const values = valuesOf(schema);
    if (values !== undefined) return this.#grammar.choice(values.map((value) => this.#literal(value)));
    for (const word of ['anyOf', 'oneOf'] as const) {
      const options = schema[word];
      if (Array.isArray(options)) return this.#options(schema, word, options, path);
    }
    return this.#grammar.choice(typesOf(schema).map((type) => this.#ofType(type, schema, path)));
  }

  #options(schema: JsonRecord, word: 'anyOf' | 'oneOf', options: readonly unknown[], path: string): Expression {
    const { [word]: _options, ...base } = schema;
    if (word === 'oneOf') {
      const overlap = options.some((first, place) =>
        options.slice(place + 1).some((second) => !areDisjoint(first, second, this.#resolve)),
      );
      if (overlap) throw unsupported(path, 'has `oneOf` with options that one value may fit together; use `anyOf`');
    }
    return this.#grammar.choice(
      options.map((option, place) => {
        const whole = this.#hasRules(base) ? merge(base, option, this.#resolve) : option;
        return this.value(whole, `${path}.${word}[${place}]`);
      }),
    );
  }

  #ofType(type: string, schema: JsonRecord, path: string): Expression {
    const grammar = this.#grammar;
    switch (type) {
      case 'null':
        return grammar.text('null');
      case 'boolean':
        return grammar.choice([grammar.text('true'), grammar.text('false')]);
      case 'integer':
        return integers(grammar, readBounds(schema, path));
      case 'number':
        return numbers(grammar, readBounds(schema, path));
      case 'string':
        return this.#string(schema, path);
      case 'array':
        return this.#array(schema, path);
      case 'object':
        return this.#object(schema, path);
      default:
        throw unsupported(path, `has the type ${JSON.stringify(type)}`);
    }
  }

  #string(schema: JsonRecord, path: string): Expression {
    const least = readSize(schema, 'minLength', path) ?? 0;
    const most = readSize(schema, 'maxLength', path) ?? Infinity;
    const inner = this.#pattern(schema, path);
    if (inner !== undefined && (least > 0 || most < Infinity)) {
      throw unsupported(path, 'has a pattern or format together with a length');
    }
    const character = jsonCharacter(this.#grammar, anyCharacter);
    const quote = this.#grammar.text('"');
    return this.#grammar.sequence([quote, inner ?? this.#grammar.repeat(character, least, most), quote]);
  }

  #pattern(schema: JsonRecord, path: string): Expression | undefined {
    const { pattern, format } = schema;
    const known = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
    const read = (source: string): Expression =>
      regex(this.#grammar, source, { character: jsonCharacter, isSearch: true });
    if (pattern === undefined) return known === undefined ? undefined : read(known);
    if (typeof pattern !== 'string') throw unsupported(path, 'has a `pattern` that is no text');
    try {
      return read(pattern);
    } catch (error) {
      // Schema libraries write a format's pattern beside it, some with lookahead; ours of the same format is narrower.
      if (known === undefined) throw error;
      return read(known);
    }
  }

  #array(schema: JsonRecord, path: string): Expression {
    const least = readSize(schema, 'minItems', path) ?? 0;
    const most = readSize(schema, 'maxItems', path) ?? Infinity;
    const { prefixItems = [], items = true } = schema;
    if (!Array.isArray(prefixItems)) throw unsupported(path, 'has `prefixItems` that are no list');
    if (Array.isArray(items)) throw unsupported(path, 'has a list as `items`; use `prefixItems`');
    const prefix = prefixItems.map((item, place) => this.value(item, `${path}.prefixItems[${place}]`));
    return this.#list(prefix, this.value(items, `${path}.items`), least, most);
  }

  #list(prefix: readonly Expression[], item: Expression, least: number, most: number): Expression {
    const grammar = this.#grammar;
    const comma = grammar.text(', ');
    const further = grammar.sequence([comma, item]);
    const written = prefix.length;
    const count = (number: number): number => Math.max(0, number - written);
    let rest: Expression;
    if (written > 0) rest = grammar.repeat(further, count(least), count(most));
    else {
      const some = grammar.sequence([item, grammar.repeat(further, Math.max(0, least - 1), most - 1)]);
      rest = grammar.choice([least === 0 ? grammar.empty : grammar.never, most > 0 ? some : grammar.never]);
    }
    for (let place = written - 1; place >= 0; place--) {
      const value = prefix[place] ?? grammar.never;
      const more = place < most ? grammar.sequence([...(place > 0 ? [comma] : []), value, rest]) : grammar.never;
      rest = grammar.choice([place >= least ? grammar.empty : grammar.never, more]);
    }
    return grammar.sequence([grammar.text('['), rest, grammar.text(']')]);
  }

  #object(schema: JsonRecord, path: string): Expression {
    const { properties = {}, required = [], additionalProperties = true } = schema;
    if (!isRecord(properties)) throw unsupported(path, 'has `properties` that are no object');
    const isRequired = new Set(Array.isArray(required) ? (required as unknown[]) : []);
    const named = Object.entries(properties).map(([name, property]) => ({
      name,
      isRequired: isRequired.delete(name),
      value: this.value(property, `${path}.properties.${name}`),
    }));
    for (const name of isRequired) {
      named.push({
        name: String(name),
        isRequired: true,
        value: this.value(additionalProperties, `${path}.additionalProperties`),
      });
    }
    this.#checkCount(schema, named.length, named.filter((property) => property.isRequired).length, path);
    const names = schema['propertyNames'];
    const key = names === undefined ? this.#string({}, path) : this.#key(names, path);
    if (named.length > 0) {
      if (names !== undefined && !this.#areKeys(key, named)) throw unsupported(path, 'uses `propertyNames`');
      return this.#properties(named);
    }
    const value = this.value(additionalProperties, `${path}.additionalProperties`);
    return this.#pairs(key, value, 0);
  }

  #key(schema: unknown, path: string): Expression {
    return this.value(merge(schema, { type: 'string' }, this.#resolve), `${path}.propertyNames`);
  }

  #areKeys(key: Expression, named: readonly { readonly name: string }[]): boolean {
    const machine = new Machine(this.#grammar, key);
    return named.every(({ name }) => {
      const state = machine.advance(machine.start, Buffer.from(JSON.stringify(name)));
      return state !== dead && machine.isComplete(state);
    });
  }

  #checkCount(schema: JsonRecord, named: number, required: number, path: string): void {
    const least = readSize(schema, 'minProperties', path) ?? 0;
    const most = readSize(schema, 'maxProperties', path) ?? Infinity;
    if (least > required || (named === 0 ? most < Infinity : most < named)) {
      throw unsupported(path, 'counts properties with `minProperties` or `maxProperties`');
    }
  }

  /** In their order, each at most once, those that are required always. */
  #properties(
    named: readonly { readonly name: string; readonly isRequired: boolean; readonly value: Expression }[],
  ): Expression {
    const grammar = this.#grammar;
    // What may follow when some property was written before, and when none was.
    let rest = { some: grammar.empty, none: grammar.empty };
    for (const { name, isRequired, value } of named.toReversed()) {
      const pair = grammar.sequence([grammar.text(`${JSON.stringify(name)}: `), value]);
      const next = grammar.sequence([pair, rest.some]);
      const withComma = grammar.sequence([grammar.text(', '), next]);
      rest = {
        some: isRequired ? withComma : grammar.choice([withComma, rest.some]),
        none: isRequired ? next : grammar.choice([next, rest.none]),
      };
    }
    return grammar.sequence([grammar.text('{'), rest.none, grammar.text('}')]);
  }

  #pairs(key: Expression, value: Expression, least: number): Expression {
    const grammar = this.#grammar;
    const pair = grammar.sequence([key, grammar.text(': '), value]);
    const more = grammar.repeat(grammar.sequence([grammar.text(', '), pair]), Math.max(0, least - 1), Infinity);
    return grammar.sequence([grammar.text('{'), grammar.optional(grammar.sequence([pair, more])), grammar.text('}')]);
  }

  #literal(value: unknown): Expression {
    return this.#grammar.text(JSON.stringify(value));
  }

  #reference(reference: string, path: string): Expression {
    const known = this.#references.get(reference);
    if (known !== undefined) return known;
    const rule = this.#grammar.rule();
    this.#references.set(reference, rule.expression);
    rule.define(this.value(this.#target(reference, path), reference));
    return rule.expression;
  }

  /** Follows references until there is none. */
  readonly #resolve: Resolve = (schema) => {
    let at: unknown = schema;
    for (let count = 0; isRecord(at) && typeof at['$ref'] === 'string'; count++) {
      if (count > maxReferences) throw unsupported('output', 'has references that lead in a circle');
      const { $ref, ...rest } = at;
      const target = this.#target($ref, 'output');
      at = this.#hasRules(rest) ? merge(target, rest, this.#resolve) : target;
    }
    return at as Schema;
  };

  #target(reference: string, path: string): unknown {
    if (!reference.startsWith('#')) throw unsupported(path, `refers to "${reference}", which is outside the schema`);
    const steps = reference.slice(1).split('/').slice(1);
    const target = steps.reduce<unknown>((at, step) => {
      const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      const holder: unknown = at;
      if (Array.isArray(holder)) return holder[Number(name)] as unknown;
      return isRecord(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
    }, this.#root);
    if (target === undefined) throw unsupported(path, `refers to "${reference}", which is not there`);
    return target;
  }

  #hasRules(schema: JsonRecord): boolean {
    return Object.keys(schema).some((word) => !annotations.has(word));
  }
}

/** Words that say something about a value without limiting it. */
const annotations: ReadonlySet<string> = new Set([
  '$schema', '$id', '$anchor', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples',
  'deprecated', 'readOnly', 'writeOnly',
]); // prettier-ignore
