/** The testing room, public as `ocelli/testing`: scripted adapter, fake servers and the adapter conformance suite. */

export { adapterConformance, conformanceKey, type ConformanceCase, type ConformanceOptions } from './conformance.js';
export { createFakeServer, type FakeServer, type FakeServerOptions } from './fake-server.js';
export {
  featureMatrix,
  features,
  featureTitles,
  providers,
  renderFeatureTable,
  type Feature,
  type FeatureMatrix,
  type FeatureRow,
  type FeatureSupport,
  type ProviderName,
} from './feature-matrix.js';
export type { RecordedRequest, RequestOutcome } from './recorded-request.js';
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
export {
  serverErrorKinds,
  type ClosedStep,
  type ErrorStep,
  type EventPosition,
  type RawStep,
  type ReplyStep,
  type ServerAnswer,
  type ServerErrorKind,
  type ServerFaults,
  type ServerStep,
} from './server-step.js';
export type { WireName } from './wires/wire.js';
