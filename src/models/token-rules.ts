/** How a model's tokens are counted, as data: one shape for each rule that a vendor uses. The arithmetic is in the estimate room. */

import type { Detail } from '../request/index.js';

/** How far a rule can be trusted: printed by the vendor, seen in a bill, worked out from bills, or taken over from a relative. */
export type Confidence = 'documented' | 'measured' | 'derived' | 'assumed';

/** The likeliest number with the smallest and largest that the sources allow. */
export interface TokenRange {
  readonly tokens: number;
  readonly low: number;
  readonly high: number;
}

/** Tiles of 512 px after fitting into 2048 px and a short side of 768 px; `low` costs the base alone. */
export interface OpenaiTilesRule {
  readonly rule: 'openai-tiles';
  readonly base: number;
  readonly perTile: number;
  readonly confidence: Confidence;
}

/** How far a picture is shrunk before its 32-px patches are counted. */
export interface PatchLimits {
  /** Longest side in pixels. */
  readonly maxSide?: number;
  /** Most patches; the picture is shrunk until it keeps to them. */
  readonly budget?: number;
}

/** Patches of 32 px, each costing `multiplier` tokens. */
export interface OpenaiPatchesRule {
  readonly rule: 'openai-patches';
  readonly multiplier: number;
  readonly low: PatchLimits;
  readonly high: PatchLimits;
  /** Absent where the model has no `original`; `high` is used then. */
  readonly original?: PatchLimits;
  /** A picture with more patches after shrinking is answered with HTTP 400. */
  readonly rejectAbove?: number;
  /** What the vendor's own `auto` stands for. */
  readonly autoMeans: 'high' | 'original';
  /** Another reading of `high` that some source supports: it widens the range. */
  readonly highConflict?: PatchLimits;
  readonly confidence: Confidence;
}

/** Patches of 28 px after shrinking to a longest side and a token cap; there is no detail. */
export interface ClaudeRule {
  readonly rule: 'claude';
  /** Longest side in pixels, a multiple of 28. */
  readonly edge: number;
  /** Most tokens for a picture. */
  readonly cap: number;
  readonly confidence: Confidence;
}

/** Crop units of two thirds of the short side, 258 tokens each; pictures up to 384 px are one unit. */
export interface GeminiCropRule {
  readonly rule: 'gemini-crop';
  readonly perTile: number;
  /** Details at which the cost is fixed instead. */
  readonly byDetail?: Readonly<Partial<Record<Detail, TokenRange>>>;
  readonly confidence: Confidence;
}

/** A budget for every picture whatever its size; only its shape decides how much of it is used. */
export interface GeminiBudgetRule {
  readonly rule: 'gemini-budget';
  /** Most tokens for a picture, by detail; `auto` is what the vendor takes when nothing is said. */
  readonly budgets: Readonly<Record<Detail, number>>;
  readonly confidence: Confidence;
}

/** The same number of tokens for every picture, whatever its size. */
export interface FixedRule {
  readonly rule: 'fixed';
  readonly tokens: number;
  /** Longest side that the model looks at, in px, where that is known. */
  readonly seenSide?: number;
  /** Details at which the numbers are others. */
  readonly byDetail?: Readonly<Partial<Record<Detail, { readonly tokens: number; readonly seenSide?: number }>>>;
  readonly confidence: Confidence;
}

/** A model whose files are on this machine counts for itself. */
export interface OwnRule {
  readonly rule: 'own';
  /** Of a picture with what stands around it. */
  readonly tokensOf: (size: PageSize, detail: Detail) => number;
  readonly confidence: Confidence;
}

/** The model takes no pictures, or nothing is known of how it counts them. */
export interface NoImageRule {
  readonly rule: 'none' | 'unknown';
}

export type ImageRule =
  | OpenaiTilesRule
  | OpenaiPatchesRule
  | ClaudeRule
  | GeminiCropRule
  | GeminiBudgetRule
  | FixedRule
  | OwnRule
  | NoImageRule;

/** A conversation as a model's own counter takes it. */
export interface CountedMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: readonly (
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'image'; readonly width: number; readonly height: number; readonly detail: Detail }
  )[];
}

/** Exact, by the model's own tokenizer and chat template. */
export interface OwnCounter {
  /** Tokens of a text alone. */
  readonly text: (text: string) => number;
  /** Tokens of a whole conversation, framing included. */
  readonly conversation: (messages: readonly CountedMessage[]) => number;
}

/** Text is counted with a tokenizer and multiplied; for models whose tokenizer is public the factors are 1. */
export interface TextRule {
  /** `local` is the model's own tokenizer. */
  readonly tokenizer: 'o200k' | 'local';
  /** Model tokens for one token of `tokenizer`. */
  readonly factor: number;
  readonly lowFactor: number;
  readonly highFactor: number;
  /** Framing of each message. */
  readonly perMessage: TokenRange;
  /** Framing of the whole request. */
  readonly perRequest: TokenRange;
  readonly confidence: Confidence;
}

/** Frames are sampled at a rate, each costs a fixed number, and the sound is counted by the second. */
export interface VideoRule {
  readonly framesPerSecond: number;
  readonly perFrame: TokenRange;
  readonly perFrameByDetail?: Readonly<Partial<Record<Detail, TokenRange>>>;
  readonly audioPerSecond: TokenRange;
}

/** A page costs a number of tokens, whatever is on it. */
export interface PageTokensRule {
  readonly rule: 'page-tokens';
  readonly perPage: TokenRange;
  readonly perPageByDetail?: Readonly<Partial<Record<Detail, TokenRange>>>;
  readonly confidence: Confidence;
}

/** A page costs its text and one picture of it by the model's image rule; the picture's size is not published, so three are assumed. */
export interface TextAndPictureRule {
  readonly rule: 'text-and-picture';
  readonly text: TokenRange;
  readonly smallest: PageSize;
  readonly likely: PageSize;
  readonly largest: PageSize;
  readonly confidence: Confidence;
}

/** Pixels of a page turned into a picture. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

export type DocumentRule = PageTokensRule | TextAndPictureRule;
