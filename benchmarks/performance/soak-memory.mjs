/** What the processes of the local soak share: pictures, resident memory, its plateau, and a model that is loaded over and over. */

import sharp from 'sharp';
import { loadEngine } from '../../dist/local-model/engine/index.js';

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** 24 pictures of circles, 448 px, the same in every run. */
export function drawPictures(random) {
  return Promise.all(Array.from({ length: 24 }, (_, index) => picture(index, random)));
}

async function picture(index, random) {
  const circles = Array.from({ length: 1 + (index % 6) }, (_, place) => {
    const [x, y, radius] = [40 + random() * 360, 40 + random() * 360, 12 + random() * 24];
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${['crimson', 'teal', 'navy'][place % 3]}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="448" height="448"><rect width="448" height="448" fill="white"/>${circles.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** Load, one answer, close; megabytes after each time. */
export async function loadOver(folder, cycles, pictures) {
  const shown = pictures ?? (await drawPictures(seeded(7)));
  const memory = [];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const engine = await loadEngine({ folder });
    for await (const event of engine.generate(question(shown[cycle % shown.length])))
      if (event.type === 'finish' && event.outputTokens < 0) throw new Error('impossible');
    await engine.close();
    memory.push(await residentMegabytes());
  }
  return memory;
}

function question(bytes) {
  const content = [
    { type: 'image', bytes: new Uint8Array(bytes) },
    { type: 'text', text: 'How many circles are there?' },
  ];
  return { messages: [{ role: 'user', content }], maxOutputTokens: 8 };
}

export async function residentMegabytes() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return process.memoryUsage().rss / 1e6;
}

/** The plateau is what memory comes to in the first half of the time; where it ends is the middle of the last three looks. */
export function plateauOf(memory) {
  const plateau = Math.max(...memory.slice(0, Math.ceil(memory.length / 2)));
  const end = memory.slice(-3).toSorted((first, second) => first - second)[1] ?? memory.at(-1);
  return { first: memory[0], plateau, end };
}
