/** Tokens used by a call, with one meaning on every provider. */

/**
 * `inputTokens` includes cached tokens and `outputTokens` includes reasoning, on every provider.
 * What a provider did not say is `undefined`, never 0.
 */
export interface Usage {
  readonly inputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheWriteTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
  /** Input tokens by kind of part, where the provider says (Gemini). */
  readonly byModality?: Readonly<Partial<Record<'text' | 'image' | 'audio' | 'video' | 'document', number>>>;
  /** True when a number here was worked out by us because the answer was cut or aborted. */
  readonly estimated: boolean;
}

/** Usage about which nothing is known. */
export const unknownUsage: Usage = {
  inputTokens: undefined,
  cacheReadTokens: undefined,
  cacheWriteTokens: undefined,
  outputTokens: undefined,
  reasoningTokens: undefined,
  estimated: false,
};
