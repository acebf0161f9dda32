/** The estimate in a real browser: a page with nothing but the bundled entry gives the same numbers as Node. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { estimateImage, estimateRequest, listModels } from '../../src/estimate/index.js';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const sizes = [
  [1, 1],
  [1024, 1024],
  [1025, 1024],
  [4032, 3024],
  [8000, 500],
] as const;

/** Runs in both places, so it may use nothing but its arguments. */
function numbers(
  library: {
    estimateImage: typeof estimateImage;
    estimateRequest: typeof estimateRequest;
    listModels: typeof listModels;
  },
  list: typeof sizes,
): string {
  const rows = library.listModels().filter((row) => row.capabilities.input.includes('image'));
  const date = '2026-11-24';
  return JSON.stringify([
    ...rows.flatMap((row) =>
      list.map(([width, height]) => {
        const { tokens, low, high } = library.estimateImage({ model: row.id, width, height, detail: 'high', date });
        return [row.id, width, height, tokens, low, high];
      }),
    ),
    library.estimateRequest({
      model: 'anthropic:claude-opus-5',
      prompt: 'How many?',
      images: [{ width: 1920, height: 1080 }],
      date,
    }).money,
  ]);
}

describe.skipIf(chromium === undefined)('ocelli/estimate in Chromium', () => {
  it('gives the same numbers as in Node, for every model', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ocelli-page-'));
    try {
      const entry = resolve(import.meta.dirname, '../../src/estimate/index.ts');
      const { outputFiles } = await build({
        stdin: {
          contents: `import * as library from ${JSON.stringify(entry)}; document.body.textContent = (${numbers.toString()})(library, ${JSON.stringify(sizes)});`,
          resolveDir: folder,
        },
        bundle: true,
        format: 'esm',
        platform: 'browser',
        write: false,
      });
      const page = join(folder, 'page.html');
      // The text of a script must not end its element.
      const script = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
      await writeFile(
        page,
        `<!doctype html><meta charset="utf-8"><body></body><script type="module">${script}</script>`,
      );
      const { stdout } = await promisify(execFile)(
        chromium ?? '',
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          `--user-data-dir=${join(folder, 'profile')}`,
          '--dump-dom',
          pathToFileURL(page).href,
        ],
        { maxBuffer: 64 * 1024 * 1024 },
      );
      const shown = /<body>(\[.*\])<\/body>/s.exec(stdout)?.[1] ?? stdout.slice(0, 500);
      expect(JSON.parse(shown)).toEqual(JSON.parse(numbers({ estimateImage, estimateRequest, listModels }, sizes)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
