/** Creates the three onnxruntime sessions of a model, each with the threads that suit it, and closes them for good. */

import type { InferenceSession } from 'onnxruntime-node';
import type { SessionFile, SessionName } from './folder.js';
import { localModelError, reasonOf } from './local-model-error.js';
import type { NativeGate } from './native-gate.js';
import type { Ort } from './runtime.js';

export type Sessions = Readonly<Record<SessionName, InferenceSession>>;

/** Input and output that each graph must have; everything else is read from its metadata. */
const contract: Readonly<Record<SessionName, { readonly input: string; readonly output: string }>> = {
  vision_encoder: { input: 'pixel_values', output: 'image_features' },
  embed_tokens: { input: 'input_ids', output: 'inputs_embeds' },
  decoder_model_merged: { input: 'inputs_embeds', output: 'logits' },
};

/** Opens all three or none. */
export async function openSessions(
  ort: Ort,
  files: Readonly<Record<SessionName, SessionFile>>,
  threads: number,
  gate: NativeGate,
): Promise<Sessions> {
  const opened: Partial<Record<SessionName, InferenceSession>> = {};
  try {
    for (const name of ['embed_tokens', 'vision_encoder', 'decoder_model_merged'] as const) {
      opened[name] = await openSession(ort, name, files[name], threads, gate);
    }
    return opened as Sessions;
  } catch (error) {
    await closeSessions(opened);
    throw error;
  }
}

async function openSession(
  ort: Ort,
  name: SessionName,
  file: SessionFile,
  threads: number,
  gate: NativeGate,
): Promise<InferenceSession> {
  const session = await gate.run(async () => {
    try {
      // By path: from a buffer the weights would be in memory twice while loading.
      return await ort.InferenceSession.create(file.path, sessionOptions(name, threads));
    } catch (error) {
      throw localModelError(`The weights of ${name} (${file.dtype}) could not be loaded: ${reasonOf(error)}`);
    }
  });
  const { input, output } = contract[name];
  if (session.inputNames.includes(input) && session.outputNames.includes(output)) return session;
  await session.release();
  throw localModelError(
    `The graph ${name} must turn "${input}" into "${output}", but takes ${session.inputNames.slice(0, 6).join(', ')} and gives ${session.outputNames.slice(0, 6).join(', ')}.`,
  );
}

/**
 * The decoder keeps its threads spinning between tokens (faster); the tower's would only take cores from it; looking up embeddings needs one thread.
 * Measured: reference/local-engine.md, section 2.2 (2026-11-23).
 */
function sessionOptions(name: SessionName, threads: number): InferenceSession.SessionOptions {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    interOpNumThreads: 1,
    intraOpNumThreads: name === 'embed_tokens' ? 1 : threads,
    graphOptimizationLevel: 'all',
    // Fatal only: this package prints nothing, errors are thrown anyway.
    logSeverityLevel: 4,
  };
  return name === 'vision_encoder'
    ? { ...options, extra: { session: { intra_op: { allow_spinning: '0' } } } }
    : options;
}

export async function closeSessions(sessions: Partial<Record<SessionName, InferenceSession>>): Promise<void> {
  for (const session of Object.values(sessions)) await session.release();
}
