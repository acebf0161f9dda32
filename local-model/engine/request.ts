/** What the engine is asked and what it answers: the words that cross between the threads. */

/** A part of a message: text, or the file bytes of a picture. */
export type EnginePart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image';
      readonly bytes: Uint8Array;
      /** Cut a large picture into tiles where the family can, or take the finer of its two sizes: finer detail, but more work for the tower. Default false. */
      readonly tiles?: boolean;
    };

export interface EngineMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: readonly EnginePart[];
}

/** What an answer is held to, byte for byte. */
export type EngineConstraint =
  /** JSON that is valid against a schema (draft 2020-12). */
  | { readonly type: 'json-schema'; readonly schema: unknown }
  /** One of some texts. */
  | { readonly type: 'choice'; readonly values: readonly string[] }
  /** A whole match of a regular expression in JavaScript's notation. */
  | { readonly type: 'regex'; readonly pattern: string };

/** A request to the engine. */
export interface EngineRequest {
  readonly messages: readonly EngineMessage[];
  /** Most tokens to answer with. */
  readonly maxOutputTokens: number;
  /** Unset: greedy, or 1 when `topP`, `topK` or `minP` is set. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  /** Least probability of a token, as a part of the likeliest one's; 0 to 1. */
  readonly minP?: number;
  /** Divides the logits of tokens that were in the prompt or the answer (multiplies negative ones); above 1 discourages them. */
  readonly repetitionPenalty?: number;
  /** Taken from the logits of every token that is in the answer already. */
  readonly presencePenalty?: number;
  /** Taken from a token's logit once for every time that it is in the answer already. */
  readonly frequencyPenalty?: number;
  /** Added to the logits of tokens by their ids; -100 as good as forbids one. */
  readonly logitBias?: Readonly<Record<number, number>>;
  /** Tells every token's probability, and that of so many likeliest ones; 0 to 20. Unset: no `token` events. */
  readonly logprobs?: number;
  /** Makes sampling repeatable; unset: another one each time. */
  readonly seed?: number;
  /** Texts that end the answer and are never part of it. */
  readonly stop?: readonly string[];
  /** Unset: any text. */
  readonly constraint?: EngineConstraint;
}

/** Tokens of a prompt. */
export interface PromptTokens {
  /** All of them, pictures included. */
  readonly inputTokens: number;
  /** Those that stand for pictures. */
  readonly imageTokens: number;
}

/** A token and the natural logarithm of its probability, before penalties, temperature and constraint. */
export interface TokenProbability {
  readonly id: number;
  /** As the vocabulary writes it. */
  readonly token: string;
  readonly logprob: number;
}

/** What `generate` yields: one `prompt`, any number of `text` (and `token` where asked for), one `finish`. */
export type EngineEvent =
  | ({ readonly type: 'prompt' } & PromptTokens)
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'token'; readonly top: readonly TokenProbability[] } & TokenProbability)
  | ({
      readonly type: 'finish';
      /** `length`: at `maxOutputTokens` or at the end of the context. */
      readonly reason: 'stop' | 'length';
      /** Tokens chosen, the end token not counted. */
      readonly outputTokens: number;
      /** Input tokens that were remembered from an earlier request; unset: none. */
      readonly cachedTokens?: number;
    } & PromptTokens);

/** What is known of a loaded model. */
export interface ModelSummary {
  readonly family: string;
  /** Tokens of input and output together. */
  readonly contextTokens: number;
  /** Tokens of one picture without `tiles`, whatever its size; `undefined` where they depend on it. */
  readonly tokensPerImage: number | undefined;
  /** How the weights of each graph are stored. */
  readonly dtypes: Readonly<Record<'vision_encoder' | 'embed_tokens' | 'decoder_model_merged', Dtype>> & {
    readonly encoder_model?: Dtype;
  };
  /** Bytes of all weights on disk. */
  readonly weightBytes: number;
  /** Threads that the decoder runs on. */
  readonly threads: number;
  /** `append-only`: a run returns only its new cache rows, which is faster the longer the text; while loading it was checked against the plain way, a bundled model's in our tests. */
  readonly kvCache: 'append-only' | 'feed-back';
  /** Attention reads what is remembered where it lies and copies nothing; it was checked against the runtime's own while loading. */
  readonly splitAttention: boolean;
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
  /** Take attention apart so that it need not copy what is remembered, where the decoder has GroupQueryAttention. Default true. */
  readonly splitAttention?: boolean;
  /** Most bytes for what the decoder remembers of earlier requests, so that a second question about a picture is answered sooner; default 256 MB, 0 for none. */
  readonly promptMemoryBytes?: number;
  /** Most bytes for what the vision tower made of earlier pictures; default 64 MB, 0 for none. */
  readonly pictureMemoryBytes?: number;
  /**
   * Guess the next tokens of a greedy answer from earlier text and check several in one run. Default true where the answer stays the same:
   * where the decoder rounds activations to 8 bits, several rows round otherwise than one, and near-ties may fall the other way.
   */
  readonly promptLookup?: boolean;
  /** Round activations to 8 bits before 4-bit weights where the file leaves it open: faster, and a little less exact. Default true. */
  readonly fastFourBit?: boolean;
}
