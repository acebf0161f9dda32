/** The testing room, public as `ocelli/testing`: scripted adapter, fake servers and the adapter conformance suite. */

export { createManualClock, realClock, type ManualClock, type ScriptClock } from './script-clock.js';
export {
  createScriptedAdapter,
  everything,
  type ScriptedAdapter,
  type ScriptedAdapterAnswer,
  type ScriptedAdapterOptions,
  type ScriptedAdapterStep,
  type ScriptedCall,
  type ScriptedFailure,
  type ScriptedTiming,
} from './scripted-adapter.js';
export {
  defaultUsage,
  eventsOf,
  type ScriptedReply,
  type ScriptedToolCall,
  type ScriptedUsage,
} from './scripted-reply.js';
