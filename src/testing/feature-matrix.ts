/** What every adapter can carry, feature by feature: it drives the conformance suite and prints the table in the docs. */

/** How a feature is had: by the wire itself, by what we do around it, or not at all (refused or warned of, never dropped silently). */
export type FeatureSupport = 'supported' | 'emulated' | 'unsupported';

/** Every feature in the order of the table, with what it is called there. */
export const featureTitles = {
  text: 'Text',
  streaming: 'Streaming',
  system: 'System texts',
  'multi-turn': 'Several turns',
  image: 'Pictures (bytes)',
  'image-url': 'Pictures fetched by the provider',
  'image-file-id': 'Pictures by uploaded file id',
  'image-in-tool-result': 'Pictures in tool results',
  document: 'PDF documents',
  audio: 'Audio',
  video: 'Video',
  tools: 'Tools',
  'parallel-tools': 'Several tool calls at once',
  'tool-choice': 'Tool choice',
  'structured-output': 'Output schema',
  reasoning: 'Reasoning level',
  'reasoning-text': 'Reasoning shown',
  'reasoning-round-trip': 'Reasoning sent back',
  cache: 'Prompt cache preference',
  'cache-usage': 'Cached tokens reported',
  temperature: '`temperature`',
  'top-p': '`topP`',
  'top-k': '`topK`',
  seed: '`seed`',
  stop: '`stop`',
  'count-tokens': 'Exact count before the call',
} as const;

/** The name of a feature. */
export type Feature = keyof typeof featureTitles;

/** Every feature, in the order of the table. */
export const features = Object.keys(featureTitles) as readonly Feature[];

/** What one adapter can do. */
export type FeatureRow = Readonly<Record<Feature, FeatureSupport>>;

/** Adapters in the order of the table. */
export const providers = ['openai', 'openai-compatible', 'anthropic', 'google', 'local'] as const;

export type ProviderName = (typeof providers)[number];

export type FeatureMatrix = Readonly<Record<ProviderName, FeatureRow>>;

const everyWire = {
  text: 'supported',
  streaming: 'supported',
  system: 'supported',
  'multi-turn': 'supported',
  image: 'supported',
  tools: 'supported',
  'parallel-tools': 'supported',
  'tool-choice': 'supported',
  'structured-output': 'supported',
  reasoning: 'supported',
  'reasoning-text': 'supported',
  'cache-usage': 'supported',
} as const satisfies Partial<FeatureRow>;

/**
 * What the adapters of this package can carry. A single model may do less; its catalogue row says so.
 */
export const featureMatrix: FeatureMatrix = {
  openai: {
    ...everyWire,
    'image-url': 'supported',
    'image-file-id': 'supported',
    'image-in-tool-result': 'supported',
    document: 'supported',
    audio: 'unsupported',
    video: 'unsupported',
    'reasoning-round-trip': 'supported',
    cache: 'supported',
    temperature: 'supported',
    'top-p': 'supported',
    'top-k': 'unsupported',
    seed: 'unsupported',
    stop: 'emulated',
    'count-tokens': 'supported',
  },
  // Of a server that nothing is known of; flags switch more on for known ones (vLLM, llama.cpp, OpenRouter …).
  'openai-compatible': {
    ...everyWire,
    'image-url': 'unsupported',
    'image-file-id': 'unsupported',
    // A tool message holds text only on this wire: the picture follows in a user message.
    'image-in-tool-result': 'emulated',
    document: 'supported',
    audio: 'supported',
    video: 'unsupported',
    'reasoning-round-trip': 'unsupported',
    cache: 'unsupported',
    temperature: 'supported',
    'top-p': 'supported',
    'top-k': 'unsupported',
    seed: 'supported',
    stop: 'supported',
    'count-tokens': 'unsupported',
  },
  anthropic: {
    ...everyWire,
    'image-url': 'supported',
    'image-file-id': 'supported',
    'image-in-tool-result': 'supported',
    document: 'supported',
    audio: 'unsupported',
    video: 'unsupported',
    'reasoning-round-trip': 'supported',
    cache: 'supported',
    // The API version of 2026-10-21 answers 400 to sampling options.
    temperature: 'unsupported',
    'top-p': 'unsupported',
    'top-k': 'unsupported',
    seed: 'unsupported',
    stop: 'supported',
    'count-tokens': 'supported',
  },
  google: {
    ...everyWire,
    'image-url': 'supported',
    'image-file-id': 'supported',
    'image-in-tool-result': 'supported',
    document: 'supported',
    audio: 'supported',
    video: 'supported',
    'reasoning-round-trip': 'supported',
    cache: 'unsupported',
    temperature: 'supported',
    'top-p': 'supported',
    'top-k': 'supported',
    seed: 'supported',
    stop: 'supported',
    'count-tokens': 'supported',
  },
  local: {
    text: 'supported',
    streaming: 'supported',
    system: 'supported',
    'multi-turn': 'supported',
    image: 'supported',
    'image-url': 'unsupported',
    'image-file-id': 'unsupported',
    'image-in-tool-result': 'unsupported',
    document: 'unsupported',
    audio: 'unsupported',
    video: 'unsupported',
    tools: 'unsupported',
    'parallel-tools': 'unsupported',
    'tool-choice': 'unsupported',
    'structured-output': 'supported',
    reasoning: 'unsupported',
    'reasoning-text': 'unsupported',
    'reasoning-round-trip': 'unsupported',
    cache: 'unsupported',
    'cache-usage': 'supported',
    temperature: 'supported',
    'top-p': 'supported',
    'top-k': 'supported',
    seed: 'supported',
    stop: 'supported',
    'count-tokens': 'supported',
  },
};

const marks: Readonly<Record<FeatureSupport, string>> = { supported: 'yes', emulated: 'emulated', unsupported: 'no' };

/**
 * The matrix as a Markdown table, one line per feature.
 *
 * @example
 * renderFeatureTable(featureMatrix); // '| Feature | openai | …'
 */
export function renderFeatureTable(matrix: FeatureMatrix): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['Feature', ...providers]),
    line(['Feature', ...providers].map(() => '---')),
    ...features.map((feature) =>
      line([featureTitles[feature], ...providers.map((provider) => marks[matrix[provider][feature]])]),
    ),
    '',
  ].join('\n');
}
