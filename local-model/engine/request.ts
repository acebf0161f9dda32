/** What the engine is asked and what it answers: the words that cross between the threads. */

/** A part of a message: text, or the file bytes of a picture. */
export type EnginePart =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'image'; readonly bytes: Uint8Array };

export interface EngineMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: readonly EnginePart[];
}

/** A request to the engine. */
export interface EngineRequest {
  readonly messages: readonly EngineMessage[];
  /** Most tokens to answer with. */
  readonly maxOutputTokens: number;
  /** Unset: greedy, or 1 when `topP` or `topK` is set. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  /** Makes sampling repeatable; unset: another one each time. */
  readonly seed?: number;
  /** Texts that end the answer and are never part of it. */
  readonly stop?: readonly string[];
}

/** Tokens of a prompt. */
export interface PromptTokens {
  /** All of them, pictures included. */
  readonly inputTokens: number;
  /** Those that stand for pictures. */
  readonly imageTokens: number;
}

/** What `generate` yields: one `prompt`, any number of `text`, one `finish`. */
export type EngineEvent =
  | ({ readonly type: 'prompt' } & PromptTokens)
  | { readonly type: 'text'; readonly text: string }
  | ({
      readonly type: 'finish';
      /** `length`: at `maxOutputTokens` or at the end of the context. */
      readonly reason: 'stop' | 'length';
      /** Tokens chosen, the end token not counted. */
      readonly outputTokens: number;
    } & PromptTokens);

/** What is known of a loaded model. */
export interface ModelSummary {
  readonly family: string;
  /** Tokens of input and output together. */
  readonly contextTokens: number;
  /** Tokens of one picture, whatever its size. */
  readonly tokensPerImage: number;
  /** How the weights of each graph are stored. */
  readonly dtypes: Readonly<Record<'vision_encoder' | 'embed_tokens' | 'decoder_model_merged', Dtype>>;
  /** Bytes of all weights on disk. */
  readonly weightBytes: number;
  /** Threads that the decoder runs on. */
  readonly threads: number;
  /** `append-only`: a run returns only its new cache rows, which is faster the longer the text; it was checked against the plain way while loading. */
  readonly kvCache: 'append-only' | 'feed-back';
  /** 4-bit products that round activations to 8 bits; see `LoadOptions.fastFourBit`. */
  readonly acceleratedNodes: number;
}

/** How the weights of one graph are stored; the suffix of its file name on the hub, `fp32` having none. */
export type Dtype = 'fp32' | 'fp16' | 'int8' | 'uint8' | 'q8' | 'q4' | 'q4f16';

/** How a model is loaded. */
export interface LoadOptions {
  /** Kind of weights; default: the best for a CPU that the folder has. */
  readonly dtype?: Dtype;
  /** Threads of decoder and vision tower; default: the machine's physical cores. */
  readonly threads?: number;
  /** Most pixels that a picture may unpack to; default 100,000,000. */
  readonly limitInputPixels?: number;
  /** Refuse models whose weights take more bytes than this; default: the memory that is free. */
  readonly memoryLimitBytes?: number;
  /** How the cache is kept. Default `append-only` where the decoder allows it; `feed-back` works with all and is slower. */
  readonly kvCache?: 'append-only' | 'feed-back';
  /** Round activations to 8 bits before 4-bit weights where the file leaves it open: faster, and a little less exact. Default true. */
  readonly fastFourBit?: boolean;
}
