/** Moves the weights of an ONNX graph into a file of their own, as exports above 2 GB have them. */

interface Field {
  readonly place: number;
  readonly wire: number;
  readonly body: Buffer;
  readonly whole: Buffer;
}

/** The graph with references to `decoder.data`, and what is to be in that file. */
export function withoutWeights(model: Buffer): { readonly graph: Buffer; readonly weights: Buffer } {
  const weights: Buffer[] = [];
  let offset = 0;
  function external(tensor: Field): Buffer {
    const fields = fieldsOf(tensor.body);
    const raw = fields.find((field) => field.place === 9);
    if (raw === undefined || raw.body.length < 64) return tensor.whole;
    const entries = { location: 'decoder.data', offset: String(offset), length: String(raw.body.length) };
    weights.push(raw.body);
    offset += raw.body.length;
    const texts = Object.entries(entries).map(([key, value]) => lengthDelimited(13, text(1, key), text(2, value)));
    const kept = fields.filter((field) => field.place !== 9).map((field) => field.whole);
    return lengthDelimited(5, ...kept, ...texts, Buffer.from([14 * 8, 1]));
  }
  const graph = fieldsOf(model).map((field) => {
    if (field.place !== 7) return field.whole;
    return lengthDelimited(
      7,
      ...fieldsOf(field.body).map((inner) => (inner.place === 5 ? external(inner) : inner.whole)),
    );
  });
  return { graph: Buffer.concat(graph), weights: Buffer.concat(weights) };
}

function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let position = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[position++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (position < message.length) {
    const start = position;
    const tag = number();
    const wire = tag % 8;
    const length = wire === 2 ? number() : wire === 1 ? 8 : wire === 5 ? 4 : 0;
    const from = position;
    if (wire === 0) number();
    else position += length;
    fields.push({
      place: Math.floor(tag / 8),
      wire,
      body: message.subarray(from, position),
      whole: message.subarray(start, position),
    });
  }
  return fields;
}

function text(place: number, value: string): Buffer {
  return lengthDelimited(place, Buffer.from(value));
}

function lengthDelimited(place: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([place * 8 + 2]), varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
