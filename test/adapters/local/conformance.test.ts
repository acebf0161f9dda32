import { describe, expect, it } from 'vitest';
import { local, type LocalEngine } from '../../../adapters/local/index.js';
import type { EngineEvent } from '../../../local-model/engine/index.js';
import { adapterConformance, featureMatrix, type ScriptedReply } from '../../../src/testing/index.js';

/** An engine that says what it is told: the adapter's own part is under test. */
class ScriptedEngine implements LocalEngine {
  readonly replies: ScriptedReply[] = [];

  async *generate(): AsyncGenerator<EngineEvent, void> {
    const reply = this.replies.shift() ?? {};
    const tokens = { inputTokens: 42, imageTokens: 10 };
    yield { type: 'prompt', ...tokens };
    const texts = typeof reply.text === 'string' ? [reply.text] : (reply.text ?? []);
    for (const text of texts) {
      await Promise.resolve();
      yield { type: 'text', text };
    }
    const reason = reply.finishReason === 'length' ? 'length' : 'stop';
    yield { type: 'finish', reason, outputTokens: texts.length, ...tokens };
  }

  countTokens() {
    return Promise.resolve({ inputTokens: 42, imageTokens: 10 });
  }

  close() {
    return Promise.resolve();
  }
}

describe('the local adapter on a scripted engine', () => {
  const engine = new ScriptedEngine();
  const adapter = local({ openEngine: () => Promise.resolve(engine) });
  const cases = adapterConformance({
    adapter,
    modelId: 'tiny',
    features: featureMatrix.local,
    script: (reply) => engine.replies.push(reply),
  });

  it('has cases', () => expect(cases.length).toBeGreaterThan(20));
  for (const { name, run } of cases) it(name, run);
});
