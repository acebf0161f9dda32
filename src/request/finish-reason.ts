/** Why an answer ended, in one vocabulary for every provider. */

/**
 * `stop`: by itself or at a stop text; `length`: at the token limit; `tool-calls`: it waits for tools;
 * `content-filter`: the provider cut it; `other`: anything else.
 */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';
