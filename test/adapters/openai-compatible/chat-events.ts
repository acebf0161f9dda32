/** Chunks and answers of Chat Completions as servers send them. */

const usage = {
  prompt_tokens: 812,
  completion_tokens: 60,
  total_tokens: 872,
  prompt_tokens_details: { cached_tokens: 256, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 32 },
};

export function chunk(
  delta: Record<string, unknown>,
  finishReason: string | null = null,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'qwen2.5-vl',
    choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
    ...changes,
  };
}

export const text = (content: string): Record<string, unknown> => chunk({ content });
export const last = (reason = 'stop'): Record<string, unknown> => chunk({}, reason);
export const usageChunk = (): Record<string, unknown> => chunk({}, null, { choices: [], usage });
export const done = 'data: [DONE]\n\n';

export const call = (index: number | undefined, piece: Record<string, unknown>): Record<string, unknown> =>
  chunk({ tool_calls: [{ ...(index === undefined ? {} : { index }), type: 'function', ...piece }] });

export const plainAnswer = (...texts: readonly string[]): readonly unknown[] => [
  chunk({ role: 'assistant', content: '' }),
  ...texts.map(text),
  last(),
  usageChunk(),
];

export const wholeAnswer = (message: Record<string, unknown>, finishReason = 'stop'): Record<string, unknown> => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'qwen2.5-vl',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason, logprobs: null }],
  usage,
});
