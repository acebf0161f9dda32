/** Creates the onnxruntime sessions of a model, each with the threads that suit it, and closes them for good. */

import { dirname } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { patchDecoder, type PatchedGraph, type PatchOptions } from './decoder-patch.js';
import { needsExactProducts } from './eight-bit.js';
import { finishedGraph } from './finished-graph.js';
import type { SessionFile, SessionFiles, SessionName } from './folder.js';
import type { GraphSession } from './graph-messages.js';
import type { GraphThread } from './graph-thread.js';
import { loadFailure } from './load-failure.js';
import { localModelError } from './local-model-error.js';
import type { NativeGate } from './native-gate.js';
import type { Ort } from './runtime.js';

/** What answers are decoded with; the vision tower may still be on its way. */
export type DecoderSessions = Readonly<Record<Exclude<SessionName, 'vision_encoder'>, InferenceSession>> & {
  readonly encoder_model?: InferenceSession;
  readonly vision_encoder?: GraphSession;
};

export type Sessions = DecoderSessions & { readonly vision_encoder: GraphSession };

/** All graphs that a model may have. */
export type GraphName = keyof Sessions;

/** Input and output that each graph must have; everything else is read from its metadata. */
const contract: Readonly<Record<GraphName, { readonly input: string; readonly output: string }>> = {
  vision_encoder: { input: 'pixel_values', output: 'image_features' },
  embed_tokens: { input: 'input_ids', output: 'inputs_embeds' },
  encoder_model: { input: 'inputs_embeds', output: 'last_hidden_state' },
  decoder_model_merged: { input: 'inputs_embeds', output: 'logits' },
};

/** The sessions of a model, and what was changed in its decoder on the way. */
export interface OpenedSessions {
  readonly sessions: DecoderSessions;
  readonly patch: Omit<PatchedGraph, 'bytes' | 'roundsActivations'> & {
    /** `undefined` where the file was not looked into. */
    readonly roundsActivations?: boolean;
  };
}

/** Opens all as they are on the disk, or none. */
export async function openSessions(
  ort: Ort,
  files: SessionFiles,
  threads: number,
  gate: NativeGate,
): Promise<Sessions> {
  const options = { threads, appendOnly: false, fastFourBit: false };
  return (await openPatchedSessions(ort, files, options, gate)).sessions as Sessions;
}

/**
 * Opens all or none, the decoder with what `patchDecoder` adds to it.
 *
 * @param withTower whether the vision tower is to be opened with them; otherwise it is elsewhere
 */
export async function openPatchedSessions(
  ort: Ort,
  files: SessionFiles,
  options: PatchOptions & { readonly threads: number },
  gate: NativeGate,
  withTower = true,
): Promise<OpenedSessions> {
  const opened: { -readonly [Name in keyof Sessions]?: Sessions[Name] } = {};
  try {
    const { threads } = options;
    opened.embed_tokens = await openSession(ort, 'embed_tokens', files.embed_tokens, threads, gate);
    if (withTower) {
      opened.vision_encoder = await openSession(ort, 'vision_encoder', files.vision_encoder, threads, gate);
    }
    if (files.encoder_model !== undefined) {
      opened.encoder_model = await openSession(ort, 'encoder_model', files.encoder_model, threads, gate);
    }
    const { session, patch } = await openDecoder(ort, files.decoder_model_merged, options, gate);
    opened.decoder_model_merged = session;
    return { sessions: opened as DecoderSessions, patch };
  } catch (error) {
    await closeSessions(opened);
    throw error;
  }
}

/** Opens the decoder changed, or as it is where the changed one is not taken. */
async function openDecoder(
  ort: Ort,
  file: SessionFile,
  options: PatchOptions & { readonly threads: number },
  gate: NativeGate,
): Promise<{ readonly session: InferenceSession; readonly patch: OpenedSessions['patch'] }> {
  const name = 'decoder_model_merged';
  const changed = patchDecoder(file.path, name, options);
  if (changed !== undefined) {
    const { bytes, ...patch } = changed;
    try {
      return { session: await openSession(ort, name, file, options.threads, gate, bytes), patch };
    } catch {
      // The file as it is gets its chance, and explains itself if it is not taken either.
    }
  }
  const session = await openSession(ort, name, file, options.threads, gate);
  return { session, patch: { appending: undefined, acceleratedNodes: 0 } };
}

/** Opens the vision tower in a thread of its own, from now on. */
export function openTower(thread: GraphThread, file: SessionFile, threads: number): Promise<GraphSession> {
  const name = 'vision_encoder';
  const opening = checked(name, file, (options) => thread.open(file.path, options), threads);
  // Whoever waits for it may fail before it does.
  opening.catch(() => undefined);
  return opening;
}

function openSession(
  ort: Ort,
  name: GraphName,
  file: SessionFile,
  threads: number,
  gate: NativeGate,
  changed?: Uint8Array,
): Promise<InferenceSession> {
  const open = (options: InferenceSession.SessionOptions): Promise<InferenceSession> => {
    if (changed !== undefined) return ort.InferenceSession.create(changed, withWeightsFrom(file, options));
    // By path: from a buffer the weights would be in memory twice while loading.
    return ort.InferenceSession.create(file.path, options);
  };
  return checked(name, file, (options) => gate.run(() => open(options)), threads);
}

/** A session that has what the engine will ask it for. */
async function checked<Session extends GraphSession>(
  name: GraphName,
  file: SessionFile,
  open: (options: InferenceSession.SessionOptions) => Promise<Session>,
  threads: number,
): Promise<Session> {
  let session: Session;
  try {
    session = await open(sessionOptions(name, threads, needsExactProducts(file), file.isFinished));
  } catch (error) {
    throw loadFailure(name, file, error);
  }
  const { input, output } = contract[name];
  if (session.inputNames.includes(input) && session.outputNames.includes(output)) return session;
  await session.release();
  throw localModelError(
    `The graph ${name} must turn "${input}" into "${output}", but takes ${session.inputNames.slice(0, 6).join(', ')} and gives ${session.outputNames.slice(0, 6).join(', ')}.`,
  );
}

/** A graph from memory does not know where its external weights lie. The entry is one of onnxruntime's session configuration keys (1.30). */
function withWeightsFrom(file: SessionFile, options: InferenceSession.SessionOptions): InferenceSession.SessionOptions {
  const session = { ...sessionEntries(options), model_external_initializers_file_folder_path: dirname(file.path) };
  return { ...options, extra: { ...options.extra, session } };
}

function sessionEntries({ extra }: InferenceSession.SessionOptions): Record<string, unknown> {
  return (extra?.['session'] ?? {}) as Record<string, unknown>;
}

/**
 * How long the decoder's threads wait for the next token before they sleep: choosing one takes a fraction of this. Without an end they went
 * on for tens of milliseconds and took a core from the tower, which may be loading then, or working on the next picture.
 */
const spinMicroseconds = '1000';

/**
 * The decoder keeps its threads spinning between tokens (faster); the tower's would only take cores from it; looking up embeddings needs one thread.
 * Measured: reference/local-engine.md, section 2.2 (2026-11-23).
 */
export function sessionOptions(
  name: GraphName,
  threads: number,
  exactProducts: boolean,
  isFinished = false,
): InferenceSession.SessionOptions {
  const isTower = name === 'vision_encoder' || name === 'encoder_model';
  const session = {
    intra_op: isTower ? { allow_spinning: '0' } : { spin_duration_us: spinMicroseconds },
    ...(exactProducts ? { x64quantprecision: '1' } : {}),
  };
  return {
    executionProviders: ['cpu'],
    interOpNumThreads: 1,
    intraOpNumThreads: name === 'embed_tokens' ? 1 : threads,
    graphOptimizationLevel: 'all',
    // Fatal only: this package prints nothing, errors are thrown anyway.
    logSeverityLevel: 4,
    extra: { session, ...(isFinished ? finishedGraph : {}) },
  };
}

export async function closeSessions(sessions: Partial<Sessions>): Promise<void> {
  for (const session of Object.values(sessions)) await session.release();
}
