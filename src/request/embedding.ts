/** Embeddings in the package's own words: what a dual encoder is asked and what it answers. */

/** What is known of a dual encoder that is ready to be asked. */
export interface EncoderDescription {
  readonly family: string;
  /** Numbers of one embedding. */
  readonly dimension: number;
  /** How a score comes from a cosine: all labels share 1 (CLIP), or each stands for itself (SigLIP). */
  readonly score: 'softmax' | 'sigmoid';
  /** Tells models apart: an index made with one cannot be searched with another. */
  readonly fingerprint: string;
}

/** Unit vectors in the order of the request; the cosine of two is their dot product. */
export interface EncodedVectors {
  readonly images: readonly Float32Array[];
  readonly texts: readonly Float32Array[];
}

/** A label and how well it describes a picture. */
export interface ScoredLabel {
  readonly label: string;
  /** From 0 to 1. With softmax the scores of all labels add up to 1; with sigmoid each stands for itself. */
  readonly score: number;
  /** Cosine of the label's and the picture's embeddings. */
  readonly cosine: number;
}

/** A model that puts pictures and texts into one space of vectors. */
export interface Encoder {
  readonly description: EncoderDescription;
  /** @throws OcelliError `image-too-large`, `image-unreadable`, `aborted`, `local-model` */
  embed(request: {
    /** File bytes. */
    readonly images?: readonly Uint8Array[];
    readonly texts?: readonly string[];
    readonly signal?: AbortSignal;
  }): Promise<EncodedVectors>;
  /** Likeliest label first. */
  classify(request: {
    /** File bytes. */
    readonly image: Uint8Array;
    readonly labels: readonly string[];
    readonly template?: string | readonly string[];
    readonly signal?: AbortSignal;
  }): Promise<readonly ScoredLabel[]>;
}
