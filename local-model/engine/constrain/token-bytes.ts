/** The bytes that each token of a vocabulary writes, which is what a grammar over bytes needs to know of it. */

import { OcelliError } from '../../../src/errors/index.js';
import { isRecord, type JsonRecord } from '../json.js';

/** By token id; `undefined` for special tokens and for ids without a token. */
export type TokenBytes = readonly (Uint8Array | undefined)[];

/**
 * Reads the vocabulary of a checked tokenizer.json.
 *
 * @throws OcelliError `unsupported-input` for a kind of vocabulary whose bytes are not known token by token
 */
export function tokenBytes(tokenizer: JsonRecord): TokenBytes {
  const write = writerOf(tokenizer);
  const bytes: (Uint8Array | undefined)[] = [];
  for (const [token, id] of entriesOf(tokenizer['model'])) bytes[id] = write(token);
  for (const token of listOf(tokenizer['added_tokens'])) {
    if (!isRecord(token) || typeof token['id'] !== 'number') continue;
    bytes[token['id']] = token['special'] === true ? undefined : Buffer.from(String(token['content']), 'utf8');
  }
  // No holes, so that every id is looked at.
  return Array.from(bytes, (entry) => entry);
}

function entriesOf(model: unknown): readonly (readonly [string, number])[] {
  const vocabulary = isRecord(model) ? model['vocab'] : undefined;
  if (isRecord(vocabulary)) return Object.entries(vocabulary as Record<string, number>);
  return listOf(vocabulary).map((entry, id) => [String(listOf(entry)[0]), id] as const);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function writerOf(tokenizer: JsonRecord): (token: string) => Uint8Array | undefined {
  const kinds = new Set([...kindsOf(tokenizer['decoder']), ...kindsOf(tokenizer['pre_tokenizer'])]);
  if (kinds.has('ByteLevel')) return byteLevel;
  if (kinds.has('Metaspace') || kinds.has('ByteFallback')) return pieces;
  throw new OcelliError(
    'unsupported-input',
    "This model's vocabulary is not made of bytes, so its answer cannot be held to a schema. Leave `output` out or use another model.",
  );
}

/** Types of a decoder or pre-tokenizer, those in sequences included. */
function kindsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return (value as unknown[]).flatMap(kindsOf);
  if (!isRecord(value)) return [];
  const inner = Object.values(value).filter((entry) => Array.isArray(entry));
  return [...(typeof value['type'] === 'string' ? [value['type']] : []), ...inner.flatMap(kindsOf)];
}

/** Byte-level vocabularies write every byte as a visible character; source: `bytes_to_unicode` of GPT-2. */
const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  (() => {
    const visible = (byte: number): boolean =>
      (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    let next = 256;
    return Array.from(
      { length: 256 },
      (_, byte) => [String.fromCodePoint(visible(byte) ? byte : next++), byte] as const,
    );
  })(),
);

function byteLevel(token: string): Uint8Array | undefined {
  const bytes = [...token].map((character) => byteOfCharacter.get(character));
  return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : undefined;
}

/** SentencePiece: `▁` for a blank, `<0x0A>` for a byte. */
function pieces(token: string): Uint8Array {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
  return byte === undefined
    ? Buffer.from(token.replaceAll('\u2581', ' '), 'utf8')
    : Uint8Array.of(Number.parseInt(byte, 16));
}
