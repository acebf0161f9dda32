/** Who may answer a request, and why some may not. */

import type { Adapter, ModelReference } from '../../adapters/adapter.js';
import { OcelliError, type ErrorKind } from '../errors/index.js';
import type { ModelDescription } from '../models/index.js';
import type { BaseRequest, Message, PartKind } from '../request/index.js';

/** A model id such as `openai:gpt-4o`, or a model object of an adapter. */
export type ModelInput<M extends string = string> = M | ModelReference;

/**
 * In which order, and whether at all, candidates are tried: as listed; only those on this machine; or the cheapest by estimate first,
 * those without a known price last.
 */
export type RoutePolicy = 'order' | 'local-only' | 'cheapest';

const policies: readonly RoutePolicy[] = ['order', 'local-only', 'cheapest'];

/** One model, several in order of preference, or several with a policy. */
export type ModelChoice<M extends string = string> =
  | ModelInput<M>
  | readonly ModelInput<M>[]
  | { readonly candidates: readonly ModelInput<M>[]; readonly policy?: RoutePolicy };

/** What belongs to the router rather than to the request. */
export interface RouteOptions<M extends string = string> {
  /** Default `local:tiny`: nothing is sent to a paid API unless a model there is named. */
  readonly model?: ModelChoice<M>;
  /** Fall back only on these kinds of error; every other one ends the call. Default: as the failure table says. */
  readonly fallbackOn?: readonly ErrorKind[];
  /** Retries of each candidate after its first attempt. Default 2. */
  readonly retries?: number;
}

/** A candidate ready to be tried. */
export interface Candidate {
  /** `provider:model-id` */
  readonly id: string;
  readonly index: number;
  readonly adapter: Adapter;
  readonly modelId: string;
  readonly description: ModelDescription;
}

export const localProvider = 'local';

export function listCandidates(choice: ModelChoice): { inputs: readonly ModelInput[]; policy: RoutePolicy } {
  if (typeof choice === 'string' || isReference(choice)) return { inputs: [choice], policy: 'order' };
  if (Array.isArray(choice)) return { inputs: choice as readonly ModelInput[], policy: 'order' };
  const { candidates, policy } = choice as { candidates: readonly ModelInput[]; policy?: RoutePolicy };
  if (!Array.isArray(candidates)) {
    throw new OcelliError(
      'invalid-request',
      '`model` must be a model id, a model object, a list of them, or { candidates, policy }.',
    );
  }
  if (policy !== undefined && !policies.includes(policy)) {
    throw new OcelliError(
      'invalid-request',
      `\`model.policy\` is ${JSON.stringify(policy)}; allowed are ${policies.join(', ')}.`,
    );
  }
  return { inputs: candidates, policy: policy ?? 'order' };
}

export function isReference(input: unknown): input is ModelReference {
  return typeof input === 'object' && input !== null && 'adapter' in input && 'modelId' in input;
}

/** What a request needs of a target, worked out once. */
export interface Needs {
  /** Kinds of part in user messages and tool results. */
  readonly parts: ReadonlySet<PartKind>;
  readonly images: number;
  readonly tools: boolean;
  readonly schema: boolean;
}

export function needsOf(request: BaseRequest, messages: readonly Message[]): Needs {
  const parts = new Set<PartKind>();
  let images = 0;
  const note = (type: PartKind): void => {
    parts.add(type);
    if (type === 'image') images += 1;
  };
  for (const message of messages) {
    if (typeof message.content === 'string') continue;
    for (const part of message.content) {
      if (message.role !== 'assistant') note(part.type);
      if (part.type === 'tool-result' && typeof part.content !== 'string')
        part.content.forEach((inner) => note(inner.type));
    }
  }
  return {
    parts,
    images,
    tools: (request.tools?.length ?? 0) > 0 || parts.has('tool-result'),
    schema: request.output !== undefined,
  };
}

/** Why a target cannot take a request at all, or `undefined`. */
export function whyUnable(
  description: ModelDescription,
  needs: Needs,
): { kind: ErrorKind; reason: string } | undefined {
  const { capabilities, limits } = description;
  const missing = [...needs.parts].filter(
    (kind) => kind !== 'tool-result' && kind !== 'text' && !capabilities.input.includes(kind),
  );
  if (missing.length > 0) {
    return {
      kind: 'unsupported-input',
      reason: `does not take ${missing.join(', ')} parts (it takes ${capabilities.input.join(', ')})`,
    };
  }
  if (needs.tools && !capabilities.tools) return { kind: 'unsupported-input', reason: 'has no tools' };
  if (needs.schema && !capabilities.structuredOutput) {
    return { kind: 'unsupported-input', reason: 'has no structured output' };
  }
  const most = limits.images?.perRequest;
  if (most !== undefined && needs.images > most) {
    return {
      kind: 'image-too-large',
      reason: `takes at most ${most} pictures a request, this one has ${needs.images}`,
    };
  }
  return undefined;
}
