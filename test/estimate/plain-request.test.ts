/** A prepared request becomes plain data, and what nobody knows of its media becomes a wide range. */

import { describe, expect, it } from 'vitest';
import { estimateRequest, plainRequestOf } from '../../src/estimate/index.js';
import type { MediaBytes, PreparedMessage, PreparedRequest } from '../../src/request/index.js';

const date = '2026-11-24';
const bytes = (mediaType: string, byteLength: number, more: Partial<MediaBytes> = {}): MediaBytes => ({
  type: 'bytes',
  bytes: new Uint8Array(byteLength),
  base64: '',
  mediaType,
  sha256: '',
  ...more,
});
const prepared = (messages: readonly PreparedMessage[], more: Partial<PreparedRequest> = {}): PreparedRequest => ({
  modelId: 'any',
  messages,
  maxOutputTokens: 100,
  stop: [],
  tools: [],
  toolChoice: 'auto',
  providerOptions: {},
  ...more,
});
const user = (content: Extract<PreparedMessage, { role: 'user' }>['content']) => prepared([{ role: 'user', content }]);

describe('a prepared request as plain data', () => {
  it('turns sizes upright and keeps texts, details, tools and the limit', () => {
    const plain = plainRequestOf(
      prepared(
        [
          { role: 'system', content: [{ type: 'text', text: 'Look' }] },
          {
            role: 'user',
            content: [
              {
                type: 'image',
                detail: 'low',
                media: bytes('image/jpeg', 9, { width: 40, height: 30, orientation: 6 }),
              },
              { type: 'image', detail: 'high', media: bytes('image/png', 9, { width: 40, height: 30 }) },
              { type: 'image', detail: 'high', media: { type: 'url', url: 'https://a.example/b.png' } },
            ],
          },
          { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'look', arguments: { at: 1 } }] },
          {
            role: 'tool',
            content: [
              { type: 'tool-result', id: '1', name: 'look', isError: false, content: [{ type: 'text', text: 'A' }] },
            ],
          },
        ],
        { tools: [{ name: 'look', parameters: {} }], output: { name: 'answer', schema: { type: 'object' } } },
      ),
    );
    expect(plain).toEqual({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Look' }] },
        {
          role: 'user',
          content: [
            { type: 'image', detail: 'low', width: 30, height: 40, bytes: 9 },
            { type: 'image', detail: 'high', width: 40, height: 30, bytes: 9 },
            { type: 'image', detail: 'high' },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool-call', name: 'look', arguments: { at: 1 } }] },
        { role: 'tool', content: [{ type: 'tool-result', content: [{ type: 'text', text: 'A' }] }] },
      ],
      tools: [{ name: 'look', parameters: {} }],
      output: { type: 'object' },
      maxOutputTokens: 100,
      fit: 'off',
    });
    expect(estimateRequest({ model: 'openai:gpt-4o', date, ...plain }).output.high).toBe(100);
  });
});

describe('what is not known', () => {
  const part = (model: string, request: PreparedRequest) =>
    estimateRequest({ model, date, ...plainRequestOf(request) }).parts[0];
  const byUrl = { type: 'url', url: 'https://a.example/b' } as const;

  it.each([
    ['openai:gpt-4o', 85 + 170, 85 + 8 * 170],
    ['openai:gpt-5.4', 5, 3_000],
    ['anthropic:claude-opus-5', 9, 4_784],
    ['google:gemini-2.5-flash', 258, 6_192],
    ['local:tiny', 381, 381],
  ])('of a picture by URL for %s reaches from an icon to a phone’s photo', (model, low, high) => {
    const estimate = part(model, user([{ type: 'image', detail: 'high', media: byUrl }]));
    expect(estimate?.confidence).toBe('assumed');
    expect(estimate?.low).toBe(low);
    expect(estimate?.high).toBeLessThanOrEqual(high);
    expect(estimate?.high).toBeGreaterThanOrEqual(high * 0.98);
  });

  it('is guessed from the bytes of a recording', () => {
    // A minute of mp3 at 128 kbit/s is 960,000 bytes and 1,920 tokens.
    const estimate = part('google:gemini-2.5-flash', user([{ type: 'audio', media: bytes('audio/mpeg', 960_000) }]));
    expect(estimate).toMatchObject({ tokens: 1_920, low: 6 * 32, high: 480 * 32, confidence: 'assumed' });
  });

  it('is guessed from the bytes of a document and a video', () => {
    const pages = part(
      'google:gemini-2.5-flash',
      user([{ type: 'document', media: bytes('application/pdf', 600_000) }]),
    );
    expect(pages).toMatchObject({ tokens: 10 * 258, low: 258, high: 300 * 258 });
    const video = part('google:gemini-2.5-flash', user([{ type: 'video', media: bytes('video/mp4', 5_000_000) }]));
    expect(video?.tokens).toBe(10 * 290);
    expect(video?.low).toBeLessThan(300);
    expect(video?.high).toBeGreaterThan(200 * 290);
  });

  it('has a range even when there are no bytes', () => {
    const estimate = part(
      'google:gemini-2.5-flash',
      user([{ type: 'audio', media: { type: 'file-id', fileId: 'files/a' } }]),
    );
    expect(estimate).toMatchObject({ tokens: 1_920, low: 32, high: 115_200 });
  });

  it('stays refused where the kind is not taken', () => {
    const estimate = part('openai:gpt-4o', user([{ type: 'audio', media: byUrl }]));
    expect(estimate).toMatchObject({ tokens: 0, high: 0, rejected: { reason: expect.stringContaining('no audio') } });
  });
});
