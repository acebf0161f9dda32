/** The adapter for models that run on this machine: the bundled `tiny`, or any folder in the hub's ONNX layout. */

import { modelCacheFolder } from '../../local-model/engine/hub/cache.js';
import type { PictureOptions, PictureSize, SizedMessage } from '../../local-model/engine/index.js';
import type { OcelliError } from '../../src/errors/index.js';
import {
  describeModel,
  findModel,
  localRow,
  type CountedMessage,
  type ModelDescription,
  type ModelRow,
  type OwnRule,
} from '../../src/models/index.js';
import type { AdapterEvent, Encoder } from '../../src/request/index.js';
import { withModels, type AdapterWithModels, type CallContext } from '../adapter.js';
import {
  bundledEncoder,
  openCounter,
  pictureCounter,
  countTokens,
  folderLimits,
  openEncoder,
  openStream,
  type LocalTarget,
  type OpenEngine,
} from './client.js';
import { toOcelliError } from './errors.js';
import { fromWire } from './from-wire.js';
import { cutsIntoTiles, provider, toWire, type LocalBody } from './to-wire.js';

export { closeLocalEngines, type LocalEngine, type OpenEngine } from './client.js';
export type { LocalBody } from './to-wire.js';

export interface LocalOptions {
  /** Kind of weights; default: the best for a CPU that the folder has. */
  readonly dtype?: LocalTarget['load']['dtype'];
  /** Threads of the model; default: the machine's physical cores. */
  readonly threads?: number;
  /** Most pixels that a picture may unpack to; default 100,000,000. */
  readonly limitInputPixels?: number;
  /** Refuse models whose weights take more bytes than this. Default: what the memory that is free allows. */
  readonly memoryLimitBytes?: number;
  /** Where `local:owner/name` is looked for. Default: where `ocelli pull` puts models. */
  readonly cacheFolder?: string;
  /** Where `OCELLI_CACHE` is read from. Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Releases the weights when nothing was asked for so many milliseconds; the next call loads them again. Default: never. */
  readonly idleUnloadMs?: number;
  /** Opens the engine of a folder. Default: this package's own, one per folder in the process. */
  readonly openEngine?: OpenEngine;
}

/** What every model of the engine takes; a folder's own JSON adds its limits. */
const defaultDescription: ModelDescription = {
  capabilities: localRow(`${provider}:any`).capabilities,
  limits: {},
  defaultDetail: 'auto',
};

/**
 * Models on this machine: `local:tiny`, which comes with the package, `local:<path of a model folder>`, or `local:<owner>/<name>` after
 * `npx ocelli pull <owner>/<name>`.
 * No key, no network; the engine is loaded at the first call and shared by all adapters of the process.
 *
 * @example
 * const ocelli = createOcelli({ adapters: [local({ threads: 2 })] });
 * await ocelli.generate({ model: 'local:./models/llava', prompt: 'What is this?', images: ['photo.jpg'] });
 */
export function local(options: LocalOptions = {}): AdapterWithModels<LocalBody> {
  const target = targetOf(options);
  const toError = (error: unknown): OcelliError => toOcelliError(error);
  return withModels<LocalBody>({
    provider,
    describe: (modelId) => describeModel(`${provider}:${modelId}`) ?? describeFolder(modelId, target.cacheFolder),
    acceptsUnknownModels: false,
    defaultDescription,
    missingCredential: () => undefined,
    cooldownKey: provider,
    toWire,
    async *stream(body, context): AsyncGenerator<AdapterEvent, void> {
      try {
        yield* fromWire(openStream(target, body, context.signal));
      } catch (error) {
        throw toOcelliError(error, body.model);
      }
    },
    async countTokens(body: LocalBody, context: CallContext): Promise<number> {
      try {
        return (await countTokens(target, body, context.signal)).inputTokens;
      } catch (error) {
        throw toOcelliError(error, body.model);
      }
    },
    async modelRow(modelId, { exact }): Promise<ModelRow | undefined> {
      try {
        return await rowOf(modelId, target, exact);
      } catch (error) {
        throw toOcelliError(error, modelId);
      }
    },
    async openEncoder(modelId: string, context: CallContext): Promise<Encoder> {
      try {
        return encoderWithOurErrors(await openEncoder(target, modelId, context.signal), modelId);
      } catch (error) {
        throw toOcelliError(error, modelId);
      }
    },
    defaultEncoder: bundledEncoder,
    toError,
  });
}

/** How a model counts, by its files. Of the bundled one the catalogue knows all but its tokenizer. */
async function rowOf(modelId: string, target: LocalTarget, exact: boolean): Promise<ModelRow | undefined> {
  const id = `${provider}:${modelId}`;
  const known = findModel(id);
  if (!exact && known !== undefined) return undefined;
  const row = known ?? { ...localRow(id), limits: folderLimits(modelId, target.cacheFolder) ?? {} };
  if (!exact) {
    const tokensOf = await pictureCounter(target, modelId);
    if (tokensOf === undefined) return row;
    return { ...row, imageRule: ownRule((size, options) => sumOf(tokensOf(size, options))) };
  }
  const counter = await openCounter(target, modelId);
  return {
    ...row,
    ...(known === undefined ? { imageRule: ownRule((size, options) => counter.picture(size, options)) } : {}),
    textRule: { ...row.textRule, confidence: 'documented' },
    counter: {
      text: (text) => counter.text(text),
      conversation: (messages) => counter.conversation(messages.map(sizedMessage)).inputTokens,
    },
  };
}

function ownRule(tokensOf: (size: PictureSize, options: PictureOptions) => number): OwnRule {
  return {
    rule: 'own',
    tokensOf: (size, detail) => tokensOf(size, { tiles: cutsIntoTiles(detail) }),
    confidence: 'documented',
  };
}

function sumOf({ visual, markers }: { readonly visual: number; readonly markers: number }): number {
  return visual + markers;
}

function sizedMessage({ role, content }: CountedMessage): SizedMessage {
  return {
    role,
    content: content.map((part) =>
      part.type === 'text'
        ? part
        : { type: 'image', width: part.width, height: part.height, tiles: cutsIntoTiles(part.detail) },
    ),
  };
}

/** The engine does not know under which name it was asked for. */
function encoderWithOurErrors(encoder: Encoder, modelId: string): Encoder {
  const renamed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw toOcelliError(error, modelId);
    }
  };
  return {
    description: encoder.description,
    embed: (request) => renamed(encoder.embed(request)),
    classify: (request) => renamed(encoder.classify(request)),
  };
}

/** A folder is a model; its weights are looked at when it is first asked. */
function describeFolder(modelId: string, cacheFolder: string): ModelDescription | undefined {
  const limits = folderLimits(modelId, cacheFolder);
  return limits === undefined ? undefined : { ...defaultDescription, limits };
}

function targetOf(options: LocalOptions): LocalTarget {
  return {
    openEngine: options.openEngine,
    cacheFolder: options.cacheFolder ?? modelCacheFolder(options.environment ?? process.env),
    load: {
      ...(options.dtype === undefined ? {} : { dtype: options.dtype }),
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      ...(options.idleUnloadMs === undefined ? {} : { idleUnloadMs: options.idleUnloadMs }),
      ...(options.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: options.memoryLimitBytes }),
      ...(options.limitInputPixels === undefined ? {} : { limitInputPixels: options.limitInputPixels }),
    },
  };
}
