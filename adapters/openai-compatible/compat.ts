/** How Chat Completions servers differ, as data: guessed from the address, changed by the caller. */

import type { ModelDescription } from '../../src/models/index.js';
import type { PartKind } from '../../src/request/index.js';

/** What a server takes and how. Every flag can be set in `openaiCompatible({ compat })`. */
export interface Compatibility {
  /** `false`: ask for one whole answer, and make the same events of it. */
  readonly stream: boolean;
  /** The server sends usage at the end of a stream when asked (`stream_options.include_usage`). */
  readonly usageInStream: boolean;
  /** Tool messages may hold pictures. `false`: they are moved into a user message that follows, with a warning. */
  readonly imageInToolResult: boolean;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** How a schema is asked for. With the last two it is also put into the instructions. */
  readonly jsonSchema: 'json_schema' | 'json_object' | 'none';
  /** The field that carries reasoning. Both are read; this one first, and this one is written. */
  readonly reasoningField: 'reasoning_content' | 'reasoning';
  /** The server wants its own reasoning back in later turns. */
  readonly returnReasoning: boolean;
  readonly reasoningEffort: boolean;
  /** Instructions go out as `developer` instead of `system`. */
  readonly developerRole: boolean;
  /** Pictures may carry `detail`. */
  readonly detail: boolean;
  /** The server fetches pictures from http(s) URLs itself. */
  readonly imageUrls: boolean;
  readonly imageTypes: readonly string[];
  /** `input_audio` parts, WAV or MP3. */
  readonly audio: boolean;
  /** `file` parts. */
  readonly documents: boolean;
  readonly seed: boolean;
  readonly topK: boolean;
  readonly stop: boolean;
  /** `tool_choice` may be `required` or one tool. `false`: `auto` is sent, with a warning. */
  readonly toolChoiceRequired: boolean;
}

/** Of a server that nothing is known of: what most take. */
const unknownServer: Compatibility = {
  stream: true,
  usageInStream: true,
  imageInToolResult: false,
  maxTokensField: 'max_tokens',
  jsonSchema: 'json_schema',
  reasoningField: 'reasoning_content',
  returnReasoning: false,
  reasoningEffort: true,
  developerRole: false,
  detail: true,
  imageUrls: false,
  imageTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'],
  audio: true,
  documents: true,
  seed: true,
  topK: false,
  stop: true,
  toolChoiceRequired: true,
};

const localServer: Compatibility = { ...unknownServer, audio: false, documents: false, detail: false };

/**
 * Presets by what each server's page on its Chat Completions endpoint says; the pages of vLLM, Ollama and LM Studio were read in stored copies on
 * 2026-11-24, those of the others were not at hand. No such server was. `compat` overrides what is wrong.
 */
export const presets = {
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: top_k is an extra parameter; media URLs are fetched by the server;
  // `image_url.detail` is not supported.
  vllm: { ...localServer, topK: true, imageUrls: true, audio: true },
  // https://docs.ollama.com/api/openai-compatibility: no tool_choice, pictures as data URIs only, reasoning_effort is taken; reasoning in `reasoning`.
  ollama: {
    ...localServer,
    reasoningField: 'reasoning',
    toolChoiceRequired: false,
    imageTypes: ['image/png', 'image/jpeg', 'image/webp'],
  },
  // https://lmstudio.ai/docs/developer/openai-compat/chat-completions: top_k and seed are taken; reasoning_effort is not among the parameters.
  lmStudio: {
    ...localServer,
    topK: true,
    reasoningEffort: false,
    imageTypes: ['image/png', 'image/jpeg', 'image/webp'],
  },
  // github.com/ggml-org/llama.cpp, tools/server/README.md: pictures are read by stb_image, which has no WebP.
  llamaCpp: {
    ...localServer,
    topK: true,
    imageUrls: true,
    audio: true,
    reasoningEffort: false,
    imageTypes: ['image/png', 'image/jpeg', 'image/gif', 'image/bmp'],
  },
  // openrouter.ai/docs/api-reference/parameters: passes on what the model behind it takes.
  openRouter: { ...unknownServer, topK: true, imageUrls: true, reasoningField: 'reasoning' },
  // console.groq.com/docs/api-reference#chat: max_tokens is deprecated there; no documents, no audio in chat.
  groq: {
    ...unknownServer,
    maxTokensField: 'max_completion_tokens',
    reasoningField: 'reasoning',
    imageUrls: true,
    audio: false,
    documents: false,
  },
  // OpenAI's own Chat Completions.
  openai: { ...unknownServer, maxTokensField: 'max_completion_tokens', developerRole: true, imageUrls: true },
  unknown: unknownServer,
} as const satisfies Readonly<Record<string, Compatibility>>;

const hosts: Readonly<Record<string, keyof typeof presets>> = {
  'openrouter.ai': 'openRouter',
  'api.groq.com': 'groq',
  'api.openai.com': 'openai',
};

/** The ports that the servers listen on when nobody says otherwise. */
const localPorts: Readonly<Record<string, keyof typeof presets>> = {
  '8000': 'vllm',
  '11434': 'ollama',
  '1234': 'lmStudio',
  '8080': 'llamaCpp',
};

/**
 * The preset for an address: by host for hosted services, by port for servers of one's own (one name without a dot, or an IP address).
 *
 * @example presetFor('http://localhost:11434/v1'); // 'ollama'
 */
export function presetFor(baseURL: string | undefined): keyof typeof presets {
  if (baseURL === undefined || !URL.canParse(baseURL)) return 'unknown';
  const { hostname, port } = new URL(baseURL);
  const hosted = Object.entries(hosts).find(([host]) => hostname === host || hostname.endsWith(`.${host}`));
  if (hosted !== undefined) return hosted[1];
  const isOwnServer = !hostname.includes('.') || /^[\d.]+$/.test(hostname) || hostname.endsWith('.local');
  return (isOwnServer ? localPorts[port] : undefined) ?? 'unknown';
}

/** The flags that hold for an address. */
export function compatibilityOf(baseURL: string | undefined, changes: Partial<Compatibility> = {}): Compatibility {
  return { ...presets[presetFor(baseURL)], ...changes };
}

/** What is assumed of a model at a server with these flags; the server decides what its models really take. */
export function descriptionOf(compat: Compatibility): ModelDescription {
  const input: PartKind[] = ['text', 'image'];
  if (compat.audio) input.push('audio');
  if (compat.documents) input.push('document');
  return {
    capabilities: {
      input,
      mediaTypes: [
        ...compat.imageTypes,
        ...(compat.audio ? ['audio/wav', 'audio/mpeg'] : []),
        ...(compat.documents ? ['application/pdf'] : []),
      ],
      tools: true,
      structuredOutput: compat.jsonSchema !== 'none',
      reasoning: compat.reasoningEffort ? 'levels' : 'none',
      temperature: true,
      topP: true,
      topK: compat.topK,
      seed: compat.seed,
      stop: compat.stop,
      urls: compat.imageUrls ? ['image'] : [],
    },
    limits: {},
  };
}
