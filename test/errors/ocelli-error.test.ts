import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { errorKinds, OcelliError, redact } from '../../src/errors/index.js';
import { failureTable } from '../../src/route/failure-table.js';

const picture = randomBytes(1024 * 1024).toString('base64');

describe('an OcelliError', () => {
  it('stays under 16 kB as JSON and inspected, whatever went into it', () => {
    const attempts = Array.from({ length: 500 }, (_, index) => ({
      model: `openai:${'m'.repeat(300)}`,
      outcome: 'failed' as const,
      startedAt: index,
      durationMs: 1,
      errorKind: 'server' as const,
      reason: `because ${picture}`,
    }));
    const error = new OcelliError('server', `The server said: ${picture}`, {
      attempts,
      partialReply: { text: picture },
    });
    expect(JSON.stringify(error).length).toBeLessThan(16_384);
    expect(inspect(error, { depth: 10 }).length).toBeLessThan(16_384);
    expect(JSON.stringify(error) + inspect(error)).not.toContain(picture.slice(1_000, 1_100));
  });

  it('does not show the partial reply, but holds it', () => {
    const error = new OcelliError('network', 'Cut.', { partialReply: { text: 'half an answ' } });
    expect(Object.keys(error)).not.toContain('partialReply');
    expect(inspect(error)).not.toContain('half an answ');
    expect(error.partialReply).toEqual({ text: 'half an answ' });
  });

  it('is known by a marker, so that two copies of the package understand each other', () => {
    const foreign = Object.assign(new Error('x'), { kind: 'quota' });
    Object.defineProperty(foreign, Symbol.for('ocelli.error'), { value: true });
    expect(OcelliError.isInstance(foreign)).toBe(true);
    expect(OcelliError.isInstance(new Error('x'))).toBe(false);
    expect(OcelliError.isInstance(undefined)).toBe(false);
  });

  it('keeps what it knew when more is learnt', () => {
    const error = new OcelliError('rate-limit', 'Slow down.', { status: 429, retryAfterMs: 5_000 });
    const more = error.with({ model: 'openai:gpt-4o' });
    expect(more).toMatchObject({ kind: 'rate-limit', status: 429, retryAfterMs: 5_000, model: 'openai:gpt-4o' });
    expect(more.stack).toBe(error.stack);
  });
});

describe('redact', () => {
  it.each([
    ['sk-proj-abcdefghijklmnop123456', 'an OpenAI key'],
    ['sk-ant-api03-abcdefghijklmnopqrstuvwxyz', 'an Anthropic key'],
    ['AIzaSyA1234567890abcdefghijklmnopqrstuv', 'a Google key'],
    ['gsk_abcdefghijklmnop1234', 'a Groq key'],
    ['hf_abcdefghijklmnop1234', 'a Hugging Face token'],
    ['Bearer abcdefghijklmnop', 'a bearer token'],
  ])('removes %s (%s)', (secret) => {
    const clean = redact(`Incorrect API key provided: ${secret}. Find yours at https://example.com.`);
    expect(clean).not.toContain(secret.slice(-10));
    expect(clean).toContain('Find yours at https://example.com');
  });

  it('removes keys in query strings and passwords in URLs', () => {
    expect(redact('GET https://host/path?key=abcdef1234567890abcd&alt=sse')).toBe(
      'GET https://host/path?key=[key removed]&alt=sse',
    );
    expect(redact('https://user:secret@host/picture.png')).toBe('https://host/picture.png');
  });

  it('leaves ordinary prose alone', () => {
    const prose = 'The tokens of your request (128,001) exceed the maximum; the key point is to shorten it.';
    expect(redact(prose)).toBe(prose);
  });
});

describe('the failure table', () => {
  it('has a row for every kind', () => {
    expect(Object.keys(failureTable).sort()).toEqual([...errorKinds].sort());
  });
});
