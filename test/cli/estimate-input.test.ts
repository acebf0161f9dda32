/** What stands on the command line of `ocelli estimate`: files, folders, patterns and sizes, good and bad. */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePngHeader } from '../media/pictures.js';
import { documentOf, makeAlbum, two } from './album.js';
import { ocelli } from './terminal.js';

let folder = '';
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await makeAlbum();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the files of an estimate', () => {
  const names = async (...inputs: string[]) => {
    const said = await ocelli(['estimate', ...inputs, '--model', 'local:tiny', '--json']);
    return documentOf(said).pictures.map(({ picture }) => (picture as string).slice(folder.length + 1));
  };

  it('are those of a folder and the folders in it, pictures only, without hidden ones and without going in circles', async () => {
    expect(await names(at('album'))).toEqual(['album/a.png', 'album/b.png', 'album/deep/c.png']);
  });

  it('are those of a pattern that the shell left alone', async () => {
    expect(await names(at('album', '*.png'))).toEqual(['album/a.png', 'album/b.png']);
    expect(await names(at('**', '*.{png,jpg}'))).toEqual(
      expect.arrayContaining(['album/a.png', 'album/deep/c.png', 'turned.jpg']) as string[],
    );
    expect(await names(at('album', '**', '[bc].p?g'))).toEqual(['album/b.png', 'album/deep/c.png']);
    expect(await names(at('al*', '[!b].png'))).toEqual(['album/a.png']);
  });

  it('are upright: a picture that lies on its side is turned first', async () => {
    const { pictures } = documentOf(await ocelli(['estimate', at('turned.jpg'), ...two, '--json']));
    expect(pictures[0]).toMatchObject({ width: 40, height: 60 });
  });

  it('are many: progress is shown on a terminal only, and each header is read', { timeout: 60_000 }, async () => {
    await mkdir(at('many'), { recursive: true });
    const header = makePngHeader(640, 480);
    for (let index = 0; index < 450; index += 1) await writeFile(at('many', `${index}.png`), header);
    const shown = await ocelli(['estimate', at('many'), ...two], { isTerminal: true });
    expect(shown.err).toContain('\r400 of 450 files read');
    expect(shown.err.endsWith('\r\u001b[K')).toBe(true);
    expect(shown.out).toContain('450 pictures');
    const piped = await ocelli(['estimate', at('many'), ...two, '--csv']);
    expect(piped.err).toBe('');
    expect(piped.out.trimEnd().split('\n')).toHaveLength(1 + 2 * 450);
    await rm(at('many'), { recursive: true });
  });
});

describe('what cannot be estimated', () => {
  it('does not stop the rest, and is listed at the end', async () => {
    const missing = at('missing.png');
    const inputs = [
      at('broken.png'),
      missing,
      at('text.png'),
      at('empty'),
      at('none', '*.png'),
      'https://example.com/a.png',
      '-',
      at('album', 'a.png'),
    ];
    const said = await ocelli(['estimate', ...inputs, ...two, '--json']);
    const { pictures, problems } = documentOf(said);
    expect(said.code).toBe(1);
    expect(pictures.map(({ model }) => model)).toEqual(['openai:gpt-4o', 'anthropic:claude-opus-5']);
    const messages = new Map(problems.map(({ subject, message }) => [subject, message]));
    expect(messages.size).toBe(7);
    expect(messages.get(missing)).toMatch(/no such file|does not exist|not found/i);
    expect(messages.get(at('broken.png'))).toMatch(/header|ends|truncated|cut/i);
    expect(messages.get(at('empty'))).toBe('The folder holds no pictures.');
    expect(messages.get(at('none', '*.png'))).toBe('The pattern fits no file.');
    expect(messages.get('-')).toMatch(/--size/);
    expect(said.err).toMatch(/^7 things could not be estimated:\n/);
    expect(said.err.trimEnd().split('\n')).toHaveLength(8);
  });

  it.each([
    ['0x5', /at least 1/],
    ['-3x5', /at least 1/],
    ['NaNx5', /at least 1/],
    ['1.5x5', /whole numbers/],
    ['40000x40000', /1600000000 pixels, over the limit of 1000000000/],
    ['5x5x0', /number of pictures/],
  ])('is the size %s, while another one is', async (size, message) => {
    const said = await ocelli(['estimate', `--size=${size}`, '--size', '100x100', ...two, '--json']);
    expect(said.code).toBe(1);
    expect(documentOf(said).pictures).toHaveLength(2);
    expect(documentOf(said).problems).toEqual([
      { subject: `--size ${size}`, message: expect.stringMatching(message) as string },
    ]);
  });

  it('is an unknown model, with the nearest names, while a known one is', async () => {
    const said = await ocelli(['estimate', '--size', '100x100', '--model', 'openai:gpt-40,openai:gpt-4o', '--json']);
    expect(said.code).toBe(1);
    expect(documentOf(said).problems[0]?.message).toMatch(/no model "openai:gpt-40".*openai:gpt-4o/);
    const none = await ocelli(['estimate', '--size', '100x100', '--model', 'openai:gpt-40', '--json']);
    expect(none.code).toBe(1);
    expect(documentOf(none).pictures).toEqual([]);
  });

  it('may still be said: a shape of 8000:1 and a picture that would be rejected are answers', async () => {
    const said = await ocelli(['estimate', '--size', '8000x1', '--size', '9000x800', ...two, '--json']);
    expect(said.code).toBe(0);
    const { pictures, totals } = documentOf(said);
    expect(pictures.at(-1)?.['rejected']).toEqual({
      reason: 'No side may be over 8000 px; send at most 8000x711.',
      nearest: { width: 8_000, height: 711 },
    });
    expect(totals.map(({ rejected, cheapest }) => [rejected, cheapest])).toEqual([
      [0, true],
      [1, false],
    ]);
  });

  it('is a file that changes while it is read', async () => {
    const file = at('changing.png');
    await writeFile(file, makePngHeader(640, 480));
    // As long as it takes: a writer that never stops.
    let stop = false;
    const writer = (async () => {
      for (let size = 1; !stop; size += 1)
        await writeFile(file, Buffer.concat([makePngHeader(640, 480), Buffer.alloc(size % 997)]));
    })();
    const seen = new Set<string>();
    for (let tries = 0; tries < 200 && !seen.has('changed'); tries += 1) {
      const { problems } = documentOf(await ocelli(['estimate', file, '--model', 'local:tiny', '--json']));
      if (problems.some(({ message }) => message.startsWith('The file changed while it was read'))) seen.add('changed');
    }
    stop = true;
    await writer;
    expect([...seen]).toEqual(['changed']);
  });

  it.each([
    [['estimate'], /Name pictures or folders/],
    [['estimate', '--size', 'large'], /--size large: write width and height/],
    [['estimate', '--size', '1x1', '--detail', 'hihg'], /no such detail; use low, medium, high, original, auto/],
    [['estimate', '--size', '1x1', '--sort', 'name'], /sort by price or by tokens/],
    [['estimate', '--size', '1x1', '--json', '--csv'], /not both/],
    [['estimate', '--size', '1x1', '--all', '--model', 'local:tiny'], /--model or --all, not both/],
    [['estimate', '--size', '1x1', '--model', ' , '], /--model is empty/],
    [['estimate', '--size', '1x1', '--date', 'tomorrow'], /write it as 2026-12-01/],
    [['estimate', '--size', '1x1', '--cached', '-5'], /cannot be negative/],
    [['estimate', '--size', '1x1', '--max-output-tokens', 'many'], /whole number/],
    [['estimate', '--size', '1x1', '--plan'], /needs a budget/],
    [['estimate', '--size', '1x1', '--budget-usd', '1'], /belong to --plan/],
    [['estimate', '--size', '1x1', '--exact'], /name the models/],
    [['estimate', '--prompt', 'Hello', '--ladder'], /need pictures/],
  ])('%j is wrong usage', async (words, message) => {
    const said = await ocelli(words);
    expect(said.code).toBe(2);
    expect(said.err).toMatch(message);
    expect(said.out).toBe('');
  });
});
