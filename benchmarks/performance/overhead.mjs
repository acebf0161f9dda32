/**
 * What ocelli adds to a call: ours against the bare vendor SDK on the same fake server, stream with stream, base64 in both, in turn,
 * with a picture of 1 MB; then import time and bundle size. Run by `npm run bench:overhead`.
 */

import { execFile, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import sharp from 'sharp';
import { anthropic } from '../../dist/adapters/anthropic/index.js';
import { google } from '../../dist/adapters/google/index.js';
import { openaiCompatible } from '../../dist/adapters/openai-compatible/index.js';
import { openai } from '../../dist/adapters/openai/index.js';
import { createOcelli } from '../../dist/src/index.js';
import { machine, median, percentile, table, writeSection } from './measure.mjs';

const rounds = Number(process.env.ROUNDS ?? 150);
const picture = await noise(578);
const prompt = 'How many coins are there?';

const { default: OpenAI } = await import('openai');
const { default: Anthropic } = await import('@anthropic-ai/sdk');
const { GoogleGenerativeAI } = await import('@google/generative-ai');

const cases = [
  {
    wire: 'openai',
    model: 'openai:gpt-4o',
    adapter: (baseURL) => openai({ apiKey: 'test', baseURL }),
    bare: (baseURL) => {
      const client = new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0 });
      return async () => {
        const stream = await client.responses.create({
          model: 'gpt-4o',
          stream: true,
          max_output_tokens: 4_096,
          input: [
            {
              role: 'user',
              content: [
                {
                  type: 'input_image',
                  detail: 'high',
                  image_url: `data:image/png;base64,${picture.toString('base64')}`,
                },
                { type: 'input_text', text: prompt },
              ],
            },
          ],
        });
        let text = '';
        for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
        return text;
      };
    },
  },
  {
    wire: 'openai-compatible',
    model: 'openai-compatible:any',
    adapter: (baseURL) => openaiCompatible({ apiKey: 'test', baseURL }),
    bare: (baseURL) => {
      const client = new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0 });
      return async () => {
        const stream = await client.chat.completions.create({
          model: 'any',
          stream: true,
          stream_options: { include_usage: true },
          max_tokens: 4_096,
          messages: [
            {
              role: 'user',
              content: [
                {
                  type: 'image_url',
                  image_url: { url: `data:image/png;base64,${picture.toString('base64')}`, detail: 'high' },
                },
                { type: 'text', text: prompt },
              ],
            },
          ],
        });
        let text = '';
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
        return text;
      };
    },
  },
  {
    wire: 'anthropic',
    model: 'anthropic:claude-opus-5',
    adapter: (baseURL) => anthropic({ apiKey: 'test', baseURL }),
    bare: (baseURL) => {
      const client = new Anthropic({ apiKey: 'test', baseURL, maxRetries: 0 });
      return async () => {
        const stream = await client.messages.create({
          model: 'claude-opus-5',
          stream: true,
          max_tokens: 4_096,
          messages: [
            {
              role: 'user',
              content: [
                {
                  type: 'image',
                  source: { type: 'base64', media_type: 'image/png', data: picture.toString('base64') },
                },
                { type: 'text', text: prompt },
              ],
            },
          ],
        });
        let text = '';
        for await (const event of stream) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
        }
        return text;
      };
    },
  },
  {
    wire: 'google',
    model: 'google:gemini-2.5-flash',
    adapter: (baseURL) => google({ apiKey: 'test', baseURL }),
    bare: (baseURL) => {
      const model = new GoogleGenerativeAI('test').getGenerativeModel(
        { model: 'gemini-2.5-flash' },
        { baseUrl: baseURL },
      );
      return async () => {
        const { stream } = await model.generateContentStream({
          contents: [
            {
              role: 'user',
              parts: [{ inlineData: { mimeType: 'image/png', data: picture.toString('base64') } }, { text: prompt }],
            },
          ],
        });
        let text = '';
        for await (const chunk of stream) text += chunk.text();
        return text;
      };
    },
  },
];

const rows = [];
for (const { wire, model, adapter, bare } of cases) {
  const child = fork(new URL('./fake-server.mjs', import.meta.url), [wire]);
  const [{ url }] = await once(child, 'message');
  const ocelli = createOcelli({ adapters: [adapter(url)] });
  const contestants = {
    bare: bare(url),
    ours: async () => {
      let text = '';
      for await (const event of ocelli.stream({ model, prompt, images: [picture] })) {
        if (event.type === 'text-delta') text += event.text;
        if (event.type === 'error') throw event.error;
      }
      return text;
    },
  };
  const times = { bare: [], ours: [] };
  for (let round = -20; round < rounds; round += 1) {
    // Whoever goes second may find warm caches: take turns.
    const order = round % 2 === 0 ? ['bare', 'ours'] : ['ours', 'bare'];
    for (const name of order) {
      const start = performance.now();
      const text = await contestants[name]();
      const taken = performance.now() - start;
      if (!text.startsWith('word0 word1')) throw new Error(`${wire} ${name} answered ${text.slice(0, 40)}`);
      if (round >= 0) times[name].push(taken);
    }
  }
  child.disconnect();
  const [bareMedian, oursMedian] = [median(times.bare), median(times.ours)];
  rows.push([
    wire,
    bareMedian.toFixed(2),
    oursMedian.toFixed(2),
    (oursMedian / bareMedian).toFixed(3),
    (oursMedian - bareMedian).toFixed(2),
    percentile(times.bare, 0.99).toFixed(1),
    percentile(times.ours, 0.99).toFixed(1),
  ]);
  console.log(rows.at(-1).join('  '));
}

const imports = await importTimes();
const sizes = await bundleSizes();
await writeSection(
  'overhead',
  `\`npm run bench:overhead\` on ${await machine()}, ${rounds} calls each, in turn, a picture of ${picture.length} bytes, one process for the server.

${table(['wire', 'bare SDK p50 ms', 'ocelli p50 ms', 'ratio', 'added ms', 'bare p99 ms', 'ocelli p99 ms'], rows)}

Import of \`ocelli\`: ${imports.ours.toFixed(0)} ms against ${imports.empty.toFixed(0)} ms for an empty script (${(imports.ours - imports.empty).toFixed(0)} ms more; medians of 15 fresh processes each, in turn).

Bundle of \`createOcelli\` (esbuild, minified, gzipped; vendor SDKs, sharp and onnxruntime external): ${(sizes.entry / 1000).toFixed(1)} kB loaded at once, ${(sizes.total / 1000).toFixed(1)} kB with everything that is loaded on first use.`,
);
console.log(imports, sizes);

async function importTimes() {
  const run = promisify(execFile);
  const times = { empty: [], ours: [] };
  const code = {
    empty: '',
    ours: `import ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).href)};`,
  };
  for (let round = 0; round < 15; round += 1) {
    for (const name of ['empty', 'ours']) {
      const start = performance.now();
      await run(process.execPath, ['--input-type=module', '-e', code[name]]);
      times[name].push(performance.now() - start);
    }
  }
  return { empty: median(times.empty), ours: median(times.ours) };
}

async function bundleSizes() {
  const outdir = new URL('../../node_modules/.cache/bundle-size/', import.meta.url).pathname;
  await rm(outdir, { recursive: true, force: true });
  await build({
    stdin: {
      contents: "export { createOcelli } from './dist/src/index.js';",
      resolveDir: new URL('../..', import.meta.url).pathname,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    splitting: true,
    external: ['openai', '@anthropic-ai/sdk', '@google/generative-ai', 'sharp', 'onnxruntime-node'],
    outdir,
  });
  const loadedAtOnce = new Set(['stdin.js']);
  const files = await readdir(outdir);
  const texts = new Map(
    await Promise.all(files.map(async (name) => [name, await readFile(`${outdir}/${name}`, 'utf8')])),
  );
  for (const name of loadedAtOnce) {
    for (const [, chunk] of texts.get(name).matchAll(/(?:^|;|})(?:import|export)[^;"(]*"\.\/([^"]+)"/g))
      loadedAtOnce.add(chunk);
  }
  // As one file each, which is what a bundle without splitting would be.
  const gzipped = (names) => gzipSync(names.map((name) => texts.get(name)).join('\n'), { level: 9 }).length;
  const [entry, total] = [gzipped([...loadedAtOnce]), gzipped(files)];
  return { entry, total };
}

/** A PNG of noise, which no compression makes smaller: about three bytes a pixel. */
async function noise(side) {
  return sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}
