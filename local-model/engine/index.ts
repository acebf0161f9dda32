/** `ocelli/local`: the engine that runs a vision transformer, a projector and a language model on this machine's CPU. */

export { loadEngine, type Engine, type EngineCall, type EngineOptions } from './engine.js';
export type {
  EngineEvent,
  EngineMessage,
  EnginePart,
  EngineRequest,
  LoadOptions,
  ModelSummary,
  PromptTokens,
} from './request.js';
export { loadTextCounter } from './tokenizer.js';
