/** What a failure must be: the right kind, at the right time, without keys or bytes, and with nothing left open. */

import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { OcelliError } from '../../errors/index.js';
import { serverErrorKinds, type ServerAnswer, type ServerErrorKind, type ServerStep } from '../server-step.js';
import { picturePart } from './request-cases.js';
import { samplePicture } from './samples.js';
import { textOf, withPatience, type ConformanceCase, type Subject } from './subject.js';

const maxErrorBytes = 16 * 1_024;
const texts = ['one 🦋', ' two', ' three'];

/** Cases about everything that can go wrong on a wire; they need a fake server. */
export function failureCases(subject: Subject): readonly ConformanceCase[] {
  if (!subject.hasServer) return [];
  return [
    ...errorCases(subject),
    ...cutCases(subject),
    ...malformedCases(subject),
    ...harmlessCases(subject),
    ...abortCases(subject),
  ].map((failureCase) => ({ ...failureCase, run: () => leavingNothing(subject, failureCase.run) }));
}

function errorCases(subject: Subject): readonly ConformanceCase[] {
  return [
    ...serverErrorKinds.map((kind) => ({
      name: `${kind} of the server is ${kind} of ours`,
      run: async () => {
        const { error } = await subject.failure({ error: kind });
        assert.equal(error.kind, kind, error.message);
        assert.equal(error.provider, subject.adapter.provider);
        checkHarmless(error, subject);
      },
    })),
    ...([500, 502, 503] as const).map((status) => ({
      name: `status ${status} without a readable body may be retried`,
      run: async () => {
        const { error } = await subject.failure({ status, body: '<html>Bad gateway</html>', contentType: 'text/html' });
        assert.ok(['server', 'overloaded'].includes(error.kind), `It is ${error.kind}: ${error.message}`);
        assert.equal(error.status, status);
        assert.equal(error.retryable, true);
      },
    })),
    {
      name: 'an error carries neither the key nor the picture, even when the server repeats them',
      run: async () => {
        const picture = samplePicture(31, 120);
        const message = `Incorrect API key provided: ${subject.key}. You sent ${picture.base64}`;
        const step: ServerStep = { error: 'authentication', message };
        const { error } = await subject.failure(step, {
          messages: [{ role: 'user', content: [picturePart(picture)] }],
        });
        for (const text of textsOf(error))
          assert.ok(!text.includes(picture.base64.slice(400, 460)), 'Bytes in an error.');
        checkHarmless(error, subject);
      },
    },
    {
      name: 'the wait that the server asks for is kept',
      run: async () => {
        const { error } = await subject.failure({ error: 'rate-limit', retryAfterMs: 7_000 });
        assert.equal(error.kind, 'rate-limit');
        assert.equal(error.retryAfterMs, 7_000);
        assert.equal(error.retryable, true);
      },
    },
    // Google's SDK drops the headers of an answer: there a wait is in the body only.
    ...(subject.server.wire === 'google' ? [] : waitHeaderCases(subject)),
    {
      name: 'exhausted quota is not to be retried',
      run: async () => {
        const { error } = await subject.failure({ error: 'quota' });
        assert.equal(error.retryable, false);
      },
    },
    {
      name: 'only one request is made for a call that fails',
      run: async () => {
        const before = subject.server.requests.length;
        await subject.failure({ error: 'server' });
        assert.equal(subject.server.requests.length - before, 1, 'The adapter retried; only the router may.');
      },
    },
    ...(['overloaded', 'rate-limit', 'server'] as const).flatMap((kind) => streamErrorCases(subject, kind)),
  ];
}

function waitHeaderCases(subject: Subject): readonly ConformanceCase[] {
  return [
    {
      name: 'a wait in seconds is kept',
      run: async () => {
        const { error } = await subject.failure({ error: 'overloaded', headers: { 'retry-after': '3' } });
        assert.equal(error.retryAfterMs, 3_000);
      },
    },
    {
      name: 'a wait until a date is kept',
      run: async () => {
        // Dates have no milliseconds, and some time passes until the answer is read.
        const until = new Date(Date.now() + 60_000).toUTCString();
        const { error } = await subject.failure({ error: 'overloaded', headers: { 'retry-after': until } });
        const wait = error.retryAfterMs ?? Number.NaN;
        assert.ok(wait > 30_000 && wait <= 60_000, `It is ${wait}.`);
      },
    },
  ];
}

function streamErrorCases(subject: Subject, kind: ServerErrorKind): readonly ConformanceCase[] {
  const styles = subject.server.wire === 'openai' ? (['response.failed', 'error', 'nested'] as const) : [undefined];
  return styles.flatMap((style) => {
    const how = style === undefined ? '' : ` (${style})`;
    const fault = {
      reply: { text: texts },
      errorInStream: kind,
      ...(style === undefined ? {} : { errorInStreamStyle: style }),
    };
    return [
      {
        name: `${kind} inside a 200 stream before any text${how}`,
        run: async () => {
          const { error, events } = await subject.failure({ ...fault, errorInStreamAfterEvents: 0 });
          assert.equal(error.kind, kind, error.message);
          assert.equal(textOf(events), '');
        },
      },
      {
        name: `${kind} inside a 200 stream after text${how}`,
        run: async () => {
          const { error, events } = await subject.failure({ ...fault, errorInStreamAfterEvents: 'first-text' });
          assert.equal(error.kind, kind, error.message);
          if (subject.lastRequest.stream) assert.equal(textOf(events), texts[0]);
        },
      },
    ];
  });
}

function cutCases(subject: Subject): readonly ConformanceCase[] {
  const reply = { text: texts };
  const expectNetwork = async (step: ServerStep): Promise<string> => {
    const { error, events } = await subject.failure(step);
    assert.equal(error.kind, 'network', error.message);
    assert.equal(error.retryable, true);
    return textOf(events);
  };
  return [
    {
      name: 'a connection that closes at once is network',
      run: async () => assert.equal(await expectNetwork({ closeImmediately: true }), ''),
    },
    {
      name: 'a stream cut before the first event is network',
      run: async () => assert.equal(await expectNetwork({ reply, cutAfterEvents: 0 }), ''),
    },
    {
      name: 'a stream cut after text is network, and the text has come',
      run: async () => {
        const text = await expectNetwork({ reply, cutAfterEvents: 'first-text' });
        if (subject.lastRequest.stream) assert.equal(text, texts[0]);
      },
    },
    ...([0, 'first-text'] as const).map((place) => ({
      name: `a stream that ends without its last event (after ${place}) does not pass for an answer`,
      run: async () => {
        const { error } = await subject.failure({ reply, endAfterEvents: place });
        assert.ok(['network', 'malformed-response'].includes(error.kind), `It is ${error.kind}: ${error.message}`);
        assert.equal(error.retryable, true);
      },
    })),
  ];
}

function malformedCases(subject: Subject): readonly ConformanceCase[] {
  const expectMalformed = async (step: ServerStep): Promise<void> => {
    const { error } = await subject.failure(step);
    assert.equal(error.kind, 'malformed-response', error.message);
    checkHarmless(error, subject);
  };
  return [
    {
      name: 'a chunk that is not JSON is malformed-response',
      run: () => expectMalformed({ reply: { text: texts }, malformedChunkAt: 'first-text' }),
    },
    {
      name: 'a first chunk that is not JSON is malformed-response',
      run: () => expectMalformed({ reply: { text: texts }, malformedChunkAt: 0 }),
    },
    {
      name: 'HTML with status 200 is malformed-response',
      run: () => expectMalformed({ body: '<!doctype html><title>Sign in</title>', contentType: 'text/html' }),
    },
    {
      name: 'an empty answer with status 200 does not pass for an answer',
      run: async () => {
        const { error } = await subject.failure({ body: '', contentType: 'text/event-stream' });
        assert.ok(['network', 'malformed-response'].includes(error.kind), `It is ${error.kind}: ${error.message}`);
      },
    },
  ];
}

/** Things that look wrong and are not. */
function harmlessCases(subject: Subject): readonly ConformanceCase[] {
  const expectText = async (step: ServerAnswer): Promise<void> => {
    assert.equal(textOf(await subject.answerStep(step)), texts.join(''));
  };
  const reply = { text: texts };
  return [
    { name: 'writes cut inside characters do not hurt the text', run: () => expectText({ reply, splitUtf8: true }) },
    {
      name: 'bytes that come one by one do not hurt the text',
      run: () => expectText({ reply, chunkBytes: [1, 2, 3] }),
    },
    {
      name: 'all events in one write are told apart',
      run: async () => {
        const many = Array.from({ length: 200 }, (_, index) => `${index} `);
        assert.equal(textOf(await subject.answer({ text: many })), many.join(''));
      },
    },
    { name: 'a repeated last event does not finish twice', run: () => expectText({ reply, repeatLastEvent: true }) },
    {
      name: 'keep-alive bytes between events are no events',
      run: () => expectText({ reply, firstEventDelayMs: 30, betweenEventsMs: 5, keepAliveMs: 2 }),
    },
    // Google's stream has no event that says it is the last: only the end of the stream does.
    ...(subject.server.wire === 'google'
      ? []
      : [
          {
            name: 'a server that never closes its stream after the last event has answered',
            // A document is complete only when the connection says so.
            run: () => expectText((request) => (request.stream ? { reply, neverEnd: 'after-last' } : { reply })),
          },
        ]),
  ];
}

function abortCases(subject: Subject): readonly ConformanceCase[] {
  const hang: ServerStep = { reply: { text: texts }, neverEnd: 'before-last' };
  const ended = async (): Promise<string> => withPatience(subject.lastRequest.ended, 'The connection');
  return [
    {
      name: 'a call that is aborted before it begins sends nothing',
      run: async () => {
        const before = subject.server.requests.length;
        const { error, events } = await subject.call({}, AbortSignal.abort());
        assert.equal(error?.kind, 'aborted');
        assert.deepEqual(events, []);
        assert.equal(subject.server.requests.length, before, 'A request was sent.');
      },
    },
    {
      name: 'abort while waiting for the headers closes the connection',
      run: async () => {
        const controller = new AbortController();
        subject.server.script(() => {
          setImmediate(() => controller.abort());
          return { reply: { text: texts }, delayMs: 60_000 };
        });
        const { error } = await subject.call({}, controller.signal);
        assert.equal(error?.kind, 'aborted');
        assert.equal(error.retryable, false);
        assert.equal(await ended(), 'aborted');
      },
    },
    {
      name: 'abort in the middle of the text closes the connection and keeps what came',
      run: async () => {
        const controller = new AbortController();
        subject.server.script((request) => {
          if (request.stream) return hang;
          // Of a document no text is seen before its end.
          setImmediate(() => controller.abort());
          return { ...hang, delayMs: 60_000 };
        });
        const { error, events } = await subject.call({}, controller.signal, (event) => {
          if (event.type === 'text-delta') controller.abort();
        });
        assert.equal(error?.kind, 'aborted');
        assert.ok(!events.some((event) => event.type === 'finish'), 'finish came after the abort.');
        assert.equal(await ended(), 'aborted');
      },
    },
    {
      name: 'a reader that leaves early closes the connection',
      run: async () => {
        subject.server.script((request) => (request.stream ? hang : { reply: { text: texts } }));
        const { error } = await subject.call({}, undefined, (event) => event.type !== 'text-delta');
        assert.equal(error, undefined);
        if (subject.lastRequest.stream) assert.equal(await ended(), 'aborted');
      },
    },
    {
      name: 'an abort after the end changes nothing',
      run: async () => {
        const controller = new AbortController();
        subject.server.script({ reply: { text: texts } });
        const { error, events } = await subject.call({}, controller.signal);
        controller.abort();
        assert.equal(error, undefined);
        assert.equal(events.at(-1)?.type, 'finish');
      },
    },
  ];
}

function textsOf(error: OcelliError): readonly string[] {
  return [JSON.stringify(error), inspect(error), error.message, String(error.stack)];
}

function checkHarmless(error: OcelliError, subject: Subject): void {
  for (const text of textsOf(error)) {
    assert.ok(!text.includes(subject.key), 'The key is in an error.');
    assert.ok(Buffer.byteLength(text) <= maxErrorBytes, 'An error is larger than 16 kB.');
  }
  assert.equal(error.cause, undefined, "The vendor's own error was kept.");
}

/** How long an adapter may take to clean up after a call. */
const cleanUpMs = 1_000;

/** A rejection that nobody handles would end the user's process, and a listener that stays leaks with every call. */
async function leavingNothing(subject: Subject, run: () => Promise<void>): Promise<void> {
  const stray: unknown[] = [];
  const listener = (reason: unknown): void => {
    stray.push(reason);
  };
  process.on('unhandledRejection', listener);
  try {
    await run();
    // Node reports them when the queue of microtasks is empty; sockets report theirs a turn later.
    await new Promise((resolve) => setTimeout(resolve, 5));
  } finally {
    process.off('unhandledRejection', listener);
  }
  assert.deepEqual(stray.map(String), [], 'A rejection was left unhandled.');
  for (let waited = 0; waited < cleanUpMs && subject.listenersLeft > 0; waited += 10)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(subject.listenersLeft, 0, 'An abort listener was left on the signal of the call.');
}
