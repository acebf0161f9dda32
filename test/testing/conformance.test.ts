/** The conformance suite can fail: adapters that are broken in one way each are caught by the case that is about it. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../adapters/adapter.js';
import { openai } from '../../adapters/openai/index.js';
import { OcelliError } from '../../src/errors/index.js';
import type { AdapterEvent } from '../../src/request/index.js';
import {
  adapterConformance,
  conformanceKey,
  createFakeServer,
  featureMatrix,
  features,
  featureTitles,
  providers,
  renderFeatureTable,
  type FakeServer,
} from '../../src/testing/index.js';

type Mapped = (event: AdapterEvent) => readonly AdapterEvent[];

/** The adapter with its events changed. */
function withEvents(adapter: Adapter, change: Mapped): Adapter {
  return {
    ...adapter,
    async *stream(body, context) {
      for await (const event of adapter.stream(body, context)) yield* change(event);
    },
  };
}

/** The adapter with its errors changed. */
function withErrors(adapter: Adapter, change: (error: OcelliError) => unknown): Adapter {
  return {
    ...adapter,
    async *stream(body, context) {
      try {
        yield* adapter.stream(body, context);
      } catch (error) {
        throw OcelliError.isInstance(error) ? change(error) : error;
      }
    },
  };
}

function withWire(
  adapter: Adapter,
  change: (wire: ReturnType<Adapter['toWire']>) => ReturnType<Adapter['toWire']>,
): Adapter {
  return { ...adapter, toWire: (request, description) => change(adapter.toWire(request, description)) };
}

interface Sabotage {
  readonly what: string;
  /** The case that must notice. */
  readonly caught: string;
  readonly apply: (adapter: Adapter) => Adapter;
}

let randomCount = 0;

function stray(): void {
  void Promise.reject(new Error('stray'));
}

const sabotages: readonly Sabotage[] = [
  {
    what: 'text out of order',
    caught: 'text arrives whole and in order',
    apply: (adapter) => {
      const held: AdapterEvent[] = [];
      return withEvents(adapter, (event) => {
        if (event.type !== 'text-delta') return [...held.splice(0).toReversed(), event];
        held.push(event);
        return [];
      });
    },
  },
  {
    what: 'finish twice',
    caught: 'nothing comes after finish',
    apply: (adapter) => withEvents(adapter, (event) => (event.type === 'finish' ? [event, event] : [event])),
  },
  {
    what: 'no finish',
    caught: 'text arrives whole and in order',
    apply: (adapter) => withEvents(adapter, (event) => (event.type === 'finish' ? [] : [event])),
  },
  {
    what: 'cached tokens left out of the input',
    caught: 'usage: input includes cached, output includes reasoning',
    apply: (adapter) =>
      withEvents(adapter, (event) =>
        event.type === 'finish' && event.usage.inputTokens !== undefined
          ? [{ ...event, usage: { ...event.usage, inputTokens: event.usage.inputTokens - 40 } }]
          : [event],
      ),
  },
  {
    what: '0 for what is not known',
    caught: 'usage that the server does not say is undefined, never 0',
    apply: (adapter) =>
      withEvents(adapter, (event) =>
        event.type === 'finish'
          ? [{ ...event, usage: { ...event.usage, inputTokens: event.usage.inputTokens ?? 0 } }]
          : [event],
      ),
  },
  {
    what: 'arguments left as text',
    caught: 'a tool call comes with parsed arguments',
    apply: (adapter) =>
      withEvents(adapter, (event) =>
        event.type === 'tool-call-end' ? [{ ...event, arguments: { text: JSON.stringify(event.arguments) } }] : [event],
      ),
  },
  {
    what: 'all errors alike',
    caught: 'authentication of the server is authentication of ours',
    apply: (adapter) =>
      withErrors(adapter, (error) => new OcelliError('server', error.message, { provider: 'openai' })),
  },
  {
    what: "the vendor's words with the key in a field",
    caught: 'an error carries neither the key nor the picture, even when the server repeats them',
    apply: (adapter) => withErrors(adapter, (error) => error.with({ model: conformanceKey })),
  },
  {
    what: 'a retry of its own',
    caught: 'only one request is made for a call that fails',
    apply: (adapter) => ({
      ...adapter,
      async *stream(body, context) {
        try {
          yield* adapter.stream(body, context);
        } catch {
          yield* adapter.stream(body, context);
          throw new OcelliError('server', 'Twice in vain.', { provider: 'openai' });
        }
      },
    }),
  },
  {
    what: 'a cut that passes for an answer',
    caught: 'a stream cut after text is network, and the text has come',
    apply: (adapter) => ({
      ...adapter,
      async *stream(body, context) {
        try {
          yield* adapter.stream(body, context);
        } catch {
          yield { type: 'finish', reason: 'stop', usage: { ...unknown, estimated: false } };
        }
      },
    }),
  },
  {
    what: 'an abort that passes for an answer',
    caught: 'abort in the middle of the text closes the connection and keeps what came',
    apply: (adapter) => ({
      ...adapter,
      async *stream(body, context) {
        try {
          yield* adapter.stream(body, context);
        } catch {
          yield { type: 'finish', reason: 'stop', usage: { ...unknown, estimated: false } };
        }
      },
    }),
  },
  {
    what: 'a rejection that nobody handles',
    caught: 'a chunk that is not JSON is malformed-response',
    apply: (adapter) =>
      withErrors(adapter, (error) => {
        stray();
        return error;
      }),
  },
  {
    what: 'a listener that stays',
    caught: 'a connection that closes at once is network',
    apply: (adapter) => ({
      ...adapter,
      stream: (body, context) => {
        context.signal.addEventListener('abort', () => undefined);
        return adapter.stream(body, context);
      },
    }),
  },
  {
    what: 'a picture that is not what was given',
    caught: 'image reaches the wire unchanged',
    apply: (adapter) =>
      withWire(adapter, ({ body, warnings }) => ({
        body: JSON.parse(JSON.stringify(body).replaceAll('iVBORw0KGgo', 'iVBORw0KGgp')) as unknown,
        warnings,
      })),
  },
  {
    what: 'options dropped without a word',
    caught: 'seed is unsupported',
    apply: (adapter) => withWire(adapter, ({ body }) => ({ body, warnings: [] })),
  },
  {
    what: 'foreign data dropped without a word',
    caught: 'data of another provider stays behind, with a warning',
    apply: (adapter) => withWire(adapter, ({ body }) => ({ body, warnings: [] })),
  },
  {
    what: 'a body with something random in it',
    caught: 'the same request gives the same body, and is not changed',
    apply: (adapter) =>
      withWire(adapter, ({ body, warnings }) => ({
        body: { ...(body as object), user: (randomCount += 1) },
        warnings,
      })),
  },
];

const unknown = {
  inputTokens: undefined,
  cacheReadTokens: undefined,
  cacheWriteTokens: undefined,
  outputTokens: undefined,
  reasoningTokens: undefined,
};

describe('the conformance suite', () => {
  let server: FakeServer;
  beforeAll(async () => {
    server = await createFakeServer({ wire: 'openai' });
  });
  afterAll(() => server.close());

  async function result(adapter: Adapter, name: string): Promise<'passed' | 'failed'> {
    server.reset();
    const cases = adapterConformance({ adapter, server, modelId: 'any', features: featureMatrix.openai });
    const found = cases.find((conformanceCase) => conformanceCase.name === name);
    if (found === undefined) throw new Error(`There is no case "${name}".`);
    return found.run().then(
      () => 'passed',
      () => 'failed',
    );
  }

  it.each(sabotages)('catches $what', async ({ caught, apply }) => {
    const adapter = openai({ apiKey: conformanceKey, baseURL: server.url, environment: {} });
    expect(await result(adapter, caught)).toBe('passed');
    const muted = muteStrayRejections();
    expect(await result(apply(adapter), caught)).toBe('failed');
    muted.restore();
  });

  it('has a name of its own for every case', () => {
    const adapter = openai({ apiKey: conformanceKey, baseURL: server.url, environment: {} });
    const names = adapterConformance({ adapter, server, modelId: 'any', features: featureMatrix.openai }).map(
      ({ name }) => name,
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(70);
  });
});

/** The runner takes a stray rejection for a failure of its own; here it is one on purpose. */
function muteStrayRejections(): { restore: () => void } {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', () => undefined);
  return {
    restore: () => {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    },
  };
}

describe('the feature matrix', () => {
  it('prints one line per feature and one column per adapter', () => {
    const lines = renderFeatureTable(featureMatrix).trimEnd().split('\n');
    expect(lines).toHaveLength(features.length + 2);
    expect(lines[0]).toBe(`| Feature | ${providers.join(' | ')} |`);
    expect(lines).toContain(`| ${featureTitles.stop} | emulated | yes | yes | yes | yes |`);
  });
});
