/**
 * How fast a benchmark works on what is its own: answers scored a second, a bootstrap, and pictures drawn a minute on two cores. Run by
 * `npm run bench:scoring`; exits 1 below 10,000 answers a second, over a second for 10,000 resamples over 5,000 items, or below 1,000
 * pictures a minute.
 *
 *   --pictures N   drawn for the rate (default 400)
 */

import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { machine } from './measure.mjs';

const { values } = parseArgs({ options: { pictures: { type: 'string', default: '400' } } });

/** Runs a script to its end, shows what it prints and gives it back. */
function shown(script, ...words) {
  const path = new URL(script, import.meta.url).pathname;
  const child = spawn(process.execPath, [path, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

process.stdout.write(`${await machine()}\n`);
const scoring = await shown('../scoring/speed.mjs');
const drawing = await shown('../../scripts/scene-speed.mjs', '--count', values.pictures, '--workers', '2');
const [, rate = '0'] = /^drawn: (\d+) pictures a minute/m.exec(drawing.text) ?? [];
process.exitCode = scoring.code === 0 && drawing.code === 0 && Number(rate) >= 1_000 ? 0 : 1;
