import { renameSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { loadDualEncoder, loadEngine, type DualEncoder, type Engine } from '../../local-model/engine/index.js';
import type { IdleClock } from '../../local-model/engine/idle.js';
import { dualFolder } from './embedding-fixture.js';
import { collect, copyOfModel, modelFolder, pictureRequest } from './fixture.js';

/** Time that passes when the test says so. */
class HandClock implements IdleClock {
  waiting: { readonly milliseconds: number; readonly callback: () => void } | undefined;
  started = 0;

  after(milliseconds: number, callback: () => void): () => void {
    const entry = { milliseconds, callback };
    this.waiting = entry;
    this.started++;
    return () => {
      if (this.waiting === entry) this.waiting = undefined;
    };
  }

  pass(): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.callback();
  }
}

describe.each([
  { where: 'in this thread', runInProcess: true },
  { where: 'in a worker', runInProcess: false },
])('an engine that is not asked for a while, $where', ({ runInProcess }) => {
  let engine: Engine | undefined;
  afterEach(() => engine?.close());
  async function load(clock: IdleClock): Promise<Engine> {
    engine = await loadEngine({ folder: modelFolder, threads: 1, runInProcess, idleUnloadMs: 60_000, clock });
    return engine;
  }
  const request = pictureRequest({ maxOutputTokens: 5 });

  it('releases the weights, and loads them again when it is asked', async () => {
    const clock = new HandClock();
    const idle = await load(clock);
    const { text } = await collect(idle.generate(request));
    expect(clock.waiting?.milliseconds).toBe(60_000);
    clock.pass();
    expect(idle.loaded).toBe(false);
    expect(idle.closed).toBe(false);
    expect(idle.description.contextTokens).toBe(640);
    expect((await collect(idle.generate(request))).text).toBe(text);
    expect(idle.loaded).toBe(true);
    clock.pass();
    expect(idle.loaded).toBe(false);
    // Two at once wake it once.
    const answers = await Promise.all([idle.countTokens(request), collect(idle.generate(request))]);
    expect(answers[1].text).toBe(text);
  });

  it('does not while it answers, and the time begins anew after every answer', async () => {
    const clock = new HandClock();
    const idle = await load(clock);
    const before = clock.started;
    const events = idle.generate(request)[Symbol.asyncIterator]();
    await events.next();
    expect(clock.waiting).toBeUndefined();
    while ((await events.next()).done !== true);
    await idle.countTokens(request);
    expect(clock.started).toBe(before + 2);
    expect(idle.loaded).toBe(true);
  });

  it('can be closed while it sleeps', async () => {
    const clock = new HandClock();
    const idle = await load(clock);
    clock.pass();
    await idle.close();
    expect(idle.closed).toBe(true);
    await expect(idle.countTokens(request)).rejects.toThrow(/closed/);
  });
});

describe.each([
  { where: 'in this thread', runInProcess: true },
  { where: 'in a worker', runInProcess: false },
])('a dual encoder that is not asked for a while, $where', ({ runInProcess }) => {
  let encoder: DualEncoder | undefined;
  afterEach(() => encoder?.close());
  async function load(clock: IdleClock): Promise<DualEncoder> {
    const folder = dualFolder('siglip');
    encoder = await loadDualEncoder({ folder, threads: 1, runInProcess, idleUnloadMs: 60_000, clock });
    return encoder;
  }
  const request = { texts: ['a circle'] };

  it('releases the weights, and loads them again when it is asked', async () => {
    const clock = new HandClock();
    const idle = await load(clock);
    expect(idle.loaded).toBe(true);
    const before = await idle.embed(request);
    clock.pass();
    expect(idle.loaded).toBe(false);
    expect(idle.closed).toBe(false);
    expect(idle.description.score).toBe('sigmoid');
    // Two at once wake it once.
    const [first, second] = await Promise.all([idle.embed(request), idle.embed(request)]);
    expect(first).toEqual(before);
    expect(second).toEqual(before);
    expect(idle.loaded).toBe(true);
    expect(clock.waiting?.milliseconds).toBe(60_000);
  });

  it('sends away who stopped waiting while it woke up, and is there for the next', async () => {
    const clock = new HandClock();
    const idle = await load(clock);
    clock.pass();
    const caller = new AbortController();
    const asked = idle.embed({ ...request, signal: caller.signal });
    caller.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'aborted' });
    expect((await idle.embed(request)).texts).toHaveLength(1);
  });

  it('can be closed while it sleeps and while it wakes up', async () => {
    const clock = new HandClock();
    const asleep = await load(clock);
    clock.pass();
    await asleep.close();
    await expect(asleep.embed(request)).rejects.toThrow(/closed/);
    const waking = await load(clock);
    clock.pass();
    const asked = waking.embed(request);
    const refused = expect(asked).rejects.toThrow(/closed/);
    await waking.close();
    await refused;
  });

  it('says why it cannot wake up, and tries again', async () => {
    const clock = new HandClock();
    const folder = copyOfModel(dualFolder('siglip'));
    encoder = await loadDualEncoder({ folder, threads: 1, runInProcess, idleUnloadMs: 60_000, clock });
    clock.pass();
    renameSync(folder, `${folder}-away`);
    await expect(encoder.embed(request)).rejects.toThrow(/does not exist/);
    renameSync(`${folder}-away`, folder);
    expect((await encoder.embed(request)).texts).toHaveLength(1);
  });
});

it('an engine without a time for it keeps its weights', async () => {
  const clock = new HandClock();
  const engine = await loadEngine({ folder: modelFolder, threads: 1, runInProcess: true, clock });
  await engine.countTokens(pictureRequest());
  expect(clock.started).toBe(0);
  await engine.close();
});
