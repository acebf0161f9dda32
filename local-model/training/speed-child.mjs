/** What a fresh process measures for speed.mjs: importing the engine, loading a folder, loading it once more, or everything up to the first answer about a picture. */

import { pathToFileURL } from 'node:url';

const [, , kind, path, root] = process.argv;
const built = (file) => import(pathToFileURL(`${root}/dist/${file}`).href);
// Importing the package is measured apart. Only what that takes: what else is being compiled and cleaned up behind an import would be measured too.
const ways = { import: () => () => built('local-model/engine/index.js'), answer: answering };
const work = await (ways[kind] ?? loading)();
const begin = performance.now();
await work();
console.log(performance.now() - begin);
process.exit(0);

async function loading() {
  const { loadEngine } = await built('local-model/engine/index.js');
  const load = () => loadEngine({ folder: path });
  if (kind === 'again') await (await load()).close();
  return load;
}

async function answering() {
  const { createOcelli } = await built('src/index.js');
  const prompt = 'How many circles are there?';
  return () => createOcelli().generate({ model: 'local:tiny', prompt, images: [path] });
}
