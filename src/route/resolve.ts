/** Finds the adapter and the description behind every model that a request names. */

import type { Adapter } from '../../adapters/adapter.js';
import { OcelliError } from '../errors/index.js';
import { isRetired, splitModelId, unknownProviderError, type Catalogue } from '../models/index.js';
import type { Warning } from '../request/index.js';
import {
  isReference,
  listCandidates,
  localProvider,
  whyUnable,
  type Candidate,
  type ModelChoice,
  type ModelInput,
  type Needs,
  type RoutePolicy,
} from './candidate.js';
import type { CandidateOrSkip } from './call.js';

export interface ResolveOptions {
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly catalogue: Catalogue;
  readonly needs: Needs;
  /** Leave candidates without a key in, for what is only to be priced. */
  readonly keysNotNeeded?: boolean;
  /** ISO date, to know which models are gone. */
  readonly today: string;
}

export interface Resolved {
  readonly candidates: readonly CandidateOrSkip[];
  readonly warnings: readonly Warning[];
  readonly policy: RoutePolicy;
}

/**
 * Every named model as a candidate, or with the reason why it is none, in order.
 *
 * @throws OcelliError `invalid-request` when a name is not a model name at all or names an unknown provider
 */
export function resolveCandidates(choice: ModelChoice, options: ResolveOptions): Resolved {
  const { inputs, policy } = listCandidates(choice);
  if (inputs.length === 0)
    throw new OcelliError('invalid-request', '`model` is an empty list; name at least one model.');
  const warnings: Warning[] = [];
  const candidates = inputs.map((input, index): CandidateOrSkip => {
    const found = findTarget(input, options);
    const id = `${found.adapter.provider}:${found.modelId}`;
    if (policy === 'local-only' && found.adapter.provider !== localProvider) {
      return { id, index, skip: skipError('permission', id, 'is not on this machine, and the policy is local-only') };
    }
    const candidate = describe(found, id, index, options);
    if ('skip' in candidate) return candidate;
    const missing = options.keysNotNeeded === true ? undefined : candidate.adapter.missingCredential();
    if (missing !== undefined) {
      const others = readyProviders(options.adapters);
      return { id, index, skip: skipError('authentication', id, `cannot be called: ${missing.message}${others}`) };
    }
    const unable = whyUnable(candidate.description, options.needs);
    if (unable !== undefined) return { id, index, skip: skipError(unable.kind, id, unable.reason) };
    const row = options.catalogue.findModel(id);
    if (row !== undefined && isRetired(row, options.today)) {
      warnings.push({
        type: 'other',
        subject: 'model',
        message: `${id} was shut down${row.retiresOn === undefined ? '' : ` on ${row.retiresOn}`}; the call will probably fail.`,
      });
    }
    return candidate;
  });
  return { candidates, warnings, policy };
}

interface Target {
  readonly adapter: Adapter;
  readonly modelId: string;
  readonly description?: Candidate['description'];
}

function findTarget(input: ModelInput, options: ResolveOptions): Target {
  if (isReference(input)) return input;
  if (typeof input !== 'string') {
    throw new OcelliError('invalid-request', 'Each model must be a text such as "openai:gpt-4o" or a model object.');
  }
  const { provider, modelId } = splitModelId(input);
  if (provider === '' || modelId === '') {
    const ids = options.catalogue.listModels().map((row) => row.id);
    const bare = ids.filter((id) => id.endsWith(`:${input}`));
    const hint = bare.length > 0 ? ` Did you mean "${bare[0]}"?` : nearest(input, options.catalogue);
    throw new OcelliError('invalid-request', `"${input}" is not a model; write provider:model-id.${hint}`);
  }
  const adapter = options.adapters.get(provider);
  if (adapter === undefined) throw unknownProviderError(input, options.adapters.keys());
  return { adapter, modelId };
}

function describe(target: Target, id: string, index: number, options: ResolveOptions): CandidateOrSkip {
  const { adapter, modelId } = target;
  const description =
    target.description ??
    options.catalogue.describeModel(id) ??
    adapter.describe(modelId) ??
    (adapter.acceptsUnknownModels ? adapter.defaultDescription : undefined);
  if (description !== undefined) return { id, index, adapter, modelId, description };
  if (adapter.provider === localProvider && /^(?:[./~\\]|[a-z]:[/\\])/iu.test(modelId)) {
    return { id, index, skip: skipError('model-not-found', id, 'is a path, and there is no model folder') };
  }
  const help = `${nearest(id, options.catalogue)} For a model that is newer than this version, add a row: createOcelli({ models: [{ id: "${id}", like: … }] }).`;
  return { id, index, skip: skipError('model-not-found', id, `is not in the catalogue.${help}`) };
}

function nearest(id: string, catalogue: Catalogue): string {
  const all = catalogue.nearestModelIds(id, 3);
  const { provider } = splitModelId(id);
  const own = all.filter((name) => name.startsWith(`${provider}:`));
  const names = (own.length > 0 ? own : all).map((name) => `"${name}"`);
  return names.length === 0 ? '' : ` Nearest: ${names.join(', ')}.`;
}

function readyProviders(adapters: ReadonlyMap<string, Adapter>): string {
  const ready = [...adapters.values()].filter((adapter) => adapter.missingCredential() === undefined);
  return ready.length === 0 ? '' : ` Ready now: ${ready.map((adapter) => adapter.provider).join(', ')}.`;
}

function skipError(kind: ConstructorParameters<typeof OcelliError>[0], id: string, reason: string): OcelliError {
  const { provider } = splitModelId(id);
  return new OcelliError(kind, `${id} ${reason}${/[.…]$/.test(reason) ? '' : '.'}`, {
    provider,
    model: id,
    retryable: false,
  });
}
