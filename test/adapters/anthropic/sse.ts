/** The Messages API's stream as the server writes it: named events with one JSON document each. */

type Fields = Record<string, unknown>;

export const sse = (...events: Fields[]): string =>
  events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join('');

export const start = (usage: Fields = {}): Fields => ({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5-20260801',
    content: [],
    stop_reason: null,
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 100,
      output_tokens: 1,
      ...usage,
    },
  },
});
export const open = (index: number, content_block: Fields): Fields => ({
  type: 'content_block_start',
  index,
  content_block,
});
export const piece = (index: number, delta: Fields): Fields => ({ type: 'content_block_delta', index, delta });
export const shut = (index: number): Fields => ({ type: 'content_block_stop', index });
export const end = (stop_reason: string, usage: Fields = {}, delta: Fields = {}): Fields => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null, ...delta },
  usage: { output_tokens: 20, ...usage },
});
export const stop: Fields = { type: 'message_stop' };
export const text = (index: number, ...pieces: string[]): Fields[] => [
  open(index, { type: 'text', text: '' }),
  ...pieces.map((words) => piece(index, { type: 'text_delta', text: words })),
  shut(index),
];
export const call = (index: number, id: string, name: string, ...json: string[]): Fields[] => [
  open(index, { type: 'tool_use', id, name, input: {} }),
  ...json.map((partial_json) => piece(index, { type: 'input_json_delta', partial_json })),
  shut(index),
];
export const answer = (...blocks: Fields[]): string => sse(start(), ...blocks, end('end_turn'), stop);
