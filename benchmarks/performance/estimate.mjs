/**
 * How fast pictures are priced, looked at and fitted: estimates a second, headers against sharp's metadata, `fit` against the bare sharp
 * pipeline that makes the same bytes, and how long fitting holds the event loop. Run by `npm run bench:estimate`.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { importSource } from './import-source.mjs';
import { machine, median, table, writeSection } from './measure.mjs';
import { stallWhile } from './stall.mjs';

const { estimateImage, fitPicture, fitTargetOf, findModel, listModels, loadMedia, probePictureFile } =
  await importSource(`
    export { estimateImage, fitTargetOf, findModel, listModels } from './src/estimate/index.ts';
    export { fitPicture, loadMedia, probePictureFile } from './src/media/entry.ts';
  `);

/** Made once. */
let twelve;
const folder = await mkdtemp(join(tmpdir(), 'ocelli-estimate-'));
try {
  const estimates = measureEstimates();
  console.log(estimates);
  const headers = await measureHeaders(Number(process.env.FILES ?? 10_000));
  console.log(headers);
  const fits = await measureFits(Number(process.env.ROUNDS ?? 25));
  console.log(fits);
  const stall = await measureStall(Number(process.env.ROUNDS ?? 25));
  console.log(stall);
  await report({ estimates, headers, fits, stall });
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Whole records with range and money, over all models that take pictures and sizes from a thumbnail to a camera's. */
function measureEstimates() {
  const rows = listModels().filter((row) => row.capabilities.input.includes('image'));
  const sizes = [
    [320, 240],
    [1_024, 1_024],
    [1_920, 1_080],
    [4_032, 3_024],
    [2_480, 3_508],
  ];
  const rates = [];
  for (let round = 0; round < 7; round += 1) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < 400) {
      for (const row of rows) {
        for (const [width, height] of sizes) {
          estimateImage({ model: row, width, height, date: '2026-11-24' });
          count += 1;
        }
      }
    }
    rates.push((count / (performance.now() - start)) * 1_000);
  }
  return { perSecond: Math.round(median(rates)), models: rows.length };
}

/** Many small photos with EXIF, each file by its path, 8 at a time, ours and sharp in turn over the same files. */
async function measureHeaders(count) {
  const kinds = 40;
  const photos = await Promise.all(
    Array.from({ length: kinds }, async (_, index) =>
      (await photo(480 + index * 8, 360 + index * 4, index + 1))
        .withExif({ IFD0: { Make: 'camera', Software: 'x'.repeat(2_000) } })
        .withMetadata({ orientation: (index % 8) + 1 })
        .jpeg({ quality: 80 })
        .toBuffer(),
    ),
  );
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  const paths = Array.from({ length: count }, (_, index) => join(pictures, `${index}.jpg`));
  await eachOf(paths, 16, (path, index) => writeFile(path, photos[index % kinds]));

  const contestants = {
    ours: (path) => probePictureFile(path),
    sharp: (path) => sharp(path).metadata(),
  };
  for (const path of paths.slice(0, kinds)) {
    const [ours, theirs] = [await contestants.ours(path), await contestants.sharp(path)];
    if (ours.width !== theirs.width || ours.height !== theirs.height || ours.orientation !== theirs.orientation)
      throw new Error(`${path}: ${JSON.stringify(ours)} is not what sharp says`);
  }
  const times = { ours: [], sharp: [] };
  for (let round = 0; round < 3; round += 1) {
    for (const name of round % 2 === 0 ? ['ours', 'sharp'] : ['sharp', 'ours']) {
      const start = performance.now();
      await eachOf(paths, 8, contestants[name]);
      times[name].push(performance.now() - start);
    }
  }
  const bytes = photos.reduce((sum, each) => sum + each.length, 0) / kinds;
  return { count, bytes: Math.round(bytes), ours: median(times.ours), sharp: median(times.sharp) };
}

/** One 12-megapixel photo that lies on its side, for three targets; both sides must make the same bytes. */
async function measureFits(rounds) {
  const media = await twelveMegapixels();
  const results = [];
  for (const id of ['openai:gpt-4o', 'openai:gpt-5.4', 'anthropic:claude-opus-5']) {
    const target = fitTargetOf(findModel(id), 'high', 1);
    const { width, height } = (await fitPicture(media, target)).report.sent;
    const contestants = {
      ours: async () => (await fitPicture(media, target)).media.bytes,
      bare: () => bare(media.bytes, width, height),
    };
    const times = { ours: [], bare: [] };
    const work = { ours: [], bare: [] };
    for (let round = -3; round < rounds; round += 1) {
      const made = {};
      for (const name of round % 2 === 0 ? ['ours', 'bare'] : ['bare', 'ours']) {
        const start = performance.now();
        const before = process.cpuUsage();
        made[name] = await contestants[name]();
        const { user, system } = process.cpuUsage(before);
        if (round < 0) continue;
        times[name].push(performance.now() - start);
        work[name].push((user + system) / 1_000);
      }
      if (Buffer.compare(made.ours, made.bare) !== 0) throw new Error(`${id}: the bytes differ`);
    }
    results.push({
      id,
      bytes: media.bytes.length,
      size: `${width} × ${height}`,
      ours: median(times.ours),
      bare: median(times.bare),
      oursWork: median(work.ours),
      bareWork: median(work.bare),
    });
  }
  return results;
}

function bare(bytes, width, height) {
  return sharp(bytes, { failOn: 'error' })
    .autoOrient()
    .resize(width, height, { fit: 'fill' })
    .removeAlpha()
    .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** How long the event loop is held while a 12-megapixel photo is read, fitted and turned into base64. */
async function measureStall(rounds) {
  const media = await twelveMegapixels();
  const path = join(folder, 'photo.jpg');
  await writeFile(path, media.bytes);
  const target = fitTargetOf(findModel('anthropic:claude-opus-5'), 'high', 1);
  const ours = async () => {
    const loaded = await loadMedia(path);
    const fitted = await fitPicture(loaded.media, target);
    if (fitted.media.base64.length === 0) throw new Error('nothing was made');
  };
  const upright = join(folder, 'upright.jpg');
  await writeFile(
    upright,
    await (
      await photo(4_032, 3_024, 7)
    )
      .withExif({ IFD0: { Make: 'camera' } })
      .jpeg({ quality: 90 })
      .toBuffer(),
  );
  const unscaled = async () => {
    const loaded = await loadMedia(upright);
    const fitted = await fitPicture(loaded.media, fitTargetOf(findModel('google:gemini-2.5-flash'), 'high', 1));
    if (fitted.media.base64.length === 0) throw new Error('nothing was made');
  };
  return {
    ours: await stallWhile(ours, rounds),
    unscaled: await stallWhile(unscaled, rounds),
    bare: await stallWhile(() => bare(media.bytes, 2_212, 1_659), rounds),
    idle: await stallWhile(() => new Promise((settle) => setTimeout(settle, 200)), rounds),
  };
}

async function twelveMegapixels() {
  twelve ??= await (async () => {
    const bytes = await (
      await photo(4_032, 3_024, 7)
    )
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 90 })
      .toBuffer();
    return (await loadMedia(bytes)).media;
  })();
  return twelve;
}

/** Soft noise: a JPEG of it has about as many bytes as one of a photo of the same size. */
async function photo(width, height, seed) {
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2), channels: 3 };
  const pixels = await sharp({
    create: { ...size, background: '#888888', noise: { type: 'gaussian', mean: 100 + seed, sigma: 20 } },
  })
    .raw()
    .toBuffer();
  const large = await sharp(pixels, { raw: size }).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return sharp(large, { raw: { width, height, channels: 3 } });
}

async function eachOf(items, limit, work) {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

async function report({ estimates, headers, fits, stall }) {
  const ms = (value) => value.toFixed(1);
  await writeSection(
    'estimate',
    `\`npm run bench:estimate\` on ${await machine()}.

Estimates of a picture, whole records over ${estimates.models} models: ${estimates.perSecond.toLocaleString('en')} a second on one thread.

Headers of ${headers.count.toLocaleString('en')} JPEG files of ${headers.bytes} bytes with EXIF, by path, 8 at a time, medians of 3: ocelli ${ms(headers.ours)} ms, sharp's metadata ${ms(headers.sharp)} ms: ${(headers.sharp / headers.ours).toFixed(1)} times as fast.

Fitting a JPEG of 4032 × 3024 and ${(fits[0].bytes / 1e6).toFixed(1)} MB that lies on its side, against the bare sharp pipeline that makes the same bytes, in turn; time on the clock and of the processor, medians:

${table(
  ['fitted to', 'size', 'sharp ms', 'ocelli ms', 'ratio', 'sharp processor ms', 'ocelli processor ms', 'ratio'],
  fits.map(({ id, size, ours, bare: alone, oursWork, bareWork }) => [
    id,
    size,
    ms(alone),
    ms(ours),
    (ours / alone).toFixed(3),
    ms(bareWork),
    ms(oursWork),
    (oursWork / bareWork).toFixed(3),
  ]),
)}

How long the event loop was held at a stretch while one such file was read, fitted and turned into base64: the most processor time of the main thread between two turns of a 1 ms timer; and how late that timer was, which others on the machine cause too:

${table(
  ['work', 'held, median ms', 'held, worst ms', 'late, median ms', 'late, worst ms'],
  [
    ['read, fit to Claude, base64', stall.ours],
    ['read, cut metadata out for Gemini, base64', stall.unscaled],
    ['sharp alone', stall.bare],
    ['nothing, to know the machine', stall.idle],
  ].map(([name, { held, heldMedian, late, lateMedian }]) => [name, ms(heldMedian), ms(held), ms(lateMedian), ms(late)]),
)}`,
  );
}
