/** The bundled model behind the public surface: what its catalogue row declares it does on real weights; the rest is refused. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createOcelli, findModel, OcelliError, type GenerateRequest, type UserPart } from '../../src/index.js';
import { featureMatrix } from '../../src/testing/index.js';

const root = resolve(import.meta.dirname, '../..');
const picture = join(root, 'examples/circles.png');
const ocelli = createOcelli({ environment: {} });
const question = { prompt: 'How many circles are there?', images: [picture] };
const row = findModel('local:tiny');

async function kindOf(request: GenerateRequest): Promise<string> {
  return ocelli.generate(request).then(
    () => 'answered',
    (error: unknown) => (OcelliError.isInstance(error) ? error.kind : String(error)),
  );
}

describe.skipIf(!existsSync(join(root, 'local-model/weights/config.json')) || !existsSync(picture))(
  'local:tiny',
  () => {
    it('answers with text and a usage that adds up', async () => {
      const reply = await ocelli.generate(question);
      expect(reply.text.trim()).not.toBe('');
      expect(reply).toMatchObject({ model: 'local:tiny', finishReason: 'stop', usage: { estimated: false } });
      const { inputTokens, byModality } = reply.usage;
      expect((byModality?.text ?? 0) + (byModality?.image ?? 0)).toBe(inputTokens);
      expect(reply.images).toMatchObject([{ kind: 'image', mediaType: 'image/png' }]);
    });

    it('really looks: a blank picture changes the answer', async () => {
      const blank = await sharp({ create: { width: 256, height: 256, channels: 3, background: 'white' } })
        .png()
        .toBuffer();
      const [seen, unseen] = [await ocelli.generate(question), await ocelli.generate({ ...question, images: [blank] })];
      expect(unseen.text).not.toBe(seen.text);
    });

    it('streams the same text that it returns', async () => {
      const { text } = await ocelli.generate(question);
      let streamed = '';
      for await (const piece of ocelli.stream(question).text) streamed += piece;
      expect(streamed).toBe(text);
    });

    it('takes a system text, several turns and sampling options without a warning', async () => {
      const reply = await ocelli.generate({
        system: 'Answer shortly.',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: picture },
              { type: 'text', text: 'How many circles are there?' },
            ],
          },
          { role: 'assistant', content: 'Some.' },
          { role: 'user', content: 'Is there a circle?' },
        ],
        temperature: 0.8,
        topP: 0.9,
        topK: 20,
        seed: 7,
        stop: ['\n'],
        maxOutputTokens: 12,
      });
      expect(reply.warnings).toEqual([]);
      expect(['stop', 'length']).toContain(reply.finishReason);
    });

    it('repeats itself with the same seed', async () => {
      const sampled = { ...question, temperature: 1.5, seed: 42 };
      const texts = [await ocelli.generate(sampled), await ocelli.generate(sampled)].map((reply) => reply.text);
      expect(texts[0]).toBe(texts[1]);
    });

    it('ends at the token limit', async () => {
      const reply = await ocelli.generate({ ...question, prompt: 'What is shown?', maxOutputTokens: 1 });
      expect(reply.usage.outputTokens).toBeLessThanOrEqual(1);
    });

    it('is stopped by abort', async () => {
      const controller = new AbortController();
      const answer = kindOf({ ...question, signal: controller.signal });
      controller.abort();
      expect(await answer).toBe('aborted');
    });

    it.each<[string, UserPart]>([
      [
        'audio',
        {
          type: 'audio',
          source: Buffer.from('UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=', 'base64'),
        },
      ],
      ['video', { type: 'video', source: Buffer.from('AAAAGGZ0eXBpc29tAAAAAGlzb21tcDQy', 'base64') }],
      ['document', { type: 'document', source: Buffer.from('%PDF-1.4\n%%EOF\n') }],
    ])('refuses what its row does not list: %s', async (kind, part) => {
      expect(row?.capabilities.input).not.toContain(kind);
      expect(
        await kindOf({ messages: [{ role: 'user', content: [part, { type: 'text', text: 'What is it?' }] }] }),
      ).toBe('unsupported-input');
    });

    it('refuses tools, which its row does not have', async () => {
      expect(row?.capabilities.tools).toBe(false);
      expect(featureMatrix.local.tools).toBe('unsupported');
      expect(await kindOf({ ...question, tools: [{ name: 'zoom', parameters: { type: 'object' } }] })).toBe(
        'unsupported-input',
      );
    });
  },
);
