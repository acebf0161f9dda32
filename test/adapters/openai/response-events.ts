/** Events of the Responses API as OpenAI sends them. */

let sequence = 0;
const numbered = (event: Record<string, unknown>): Record<string, unknown> => ({
  sequence_number: sequence++,
  ...event,
});

const response = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_790_000_000,
  model: 'gpt-4o-2024-11-20',
  status: 'completed',
  error: null,
  incomplete_details: null,
  output: [],
  usage: {
    input_tokens: 812,
    input_tokens_details: { cached_tokens: 256, cache_write_tokens: 0 },
    output_tokens: 60,
    output_tokens_details: { reasoning_tokens: 32 },
    total_tokens: 872,
  },
  ...changes,
});

export const created = (): Record<string, unknown> =>
  numbered({ type: 'response.created', response: response({ status: 'in_progress', usage: null }) });

export const completed = (changes: Record<string, unknown> = {}): Record<string, unknown> =>
  numbered({ type: 'response.completed', response: response(changes) });

export const incomplete = (reason: string): Record<string, unknown> =>
  numbered({
    type: 'response.incomplete',
    response: response({ status: 'incomplete', incomplete_details: { reason } }),
  });

export const failed = (code: string, message: string): Record<string, unknown> =>
  numbered({ type: 'response.failed', response: response({ status: 'failed', error: { code, message } }) });

export const textDelta = (delta: string, output = 0, content = 0): Record<string, unknown> =>
  numbered({
    type: 'response.output_text.delta',
    item_id: `msg_${output}`,
    output_index: output,
    content_index: content,
    delta,
    logprobs: [],
  });

export const refusalDelta = (delta: string): Record<string, unknown> =>
  numbered({ type: 'response.refusal.delta', item_id: 'msg_0', output_index: 0, content_index: 0, delta });

export const summaryDelta = (delta: string, output = 0, summary = 0): Record<string, unknown> =>
  numbered({
    type: 'response.reasoning_summary_text.delta',
    item_id: `rs_${output}`,
    output_index: output,
    summary_index: summary,
    delta,
  });

export const itemAdded = (output: number, item: Record<string, unknown>): Record<string, unknown> =>
  numbered({ type: 'response.output_item.added', output_index: output, item });

export const itemDone = (output: number, item: Record<string, unknown>): Record<string, unknown> =>
  numbered({ type: 'response.output_item.done', output_index: output, item });

export const argumentsDelta = (output: number, delta: string): Record<string, unknown> =>
  numbered({ type: 'response.function_call_arguments.delta', item_id: `fc_${output}`, output_index: output, delta });

export const call = (
  id: string,
  name: string,
  argumentsText: string,
  status = 'completed',
): Record<string, unknown> => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name,
  arguments: argumentsText,
  status,
});

export const message = (text: string, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'message',
  id: 'msg_0',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...changes,
});

export const plainAnswer = (...texts: readonly string[]): readonly unknown[] => [
  created(),
  itemAdded(0, message('', { content: [], status: 'in_progress' })),
  ...texts.map((text) => textDelta(text)),
  itemDone(0, message(texts.join(''))),
  completed(),
];
