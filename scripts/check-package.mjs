/**
 * Installs the packed tarball in empty projects, as the README tells users to, and asks it something: with everything, without optional
 * packages, from CommonJS. Needs the package registry. Run by `npm run check:package`.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'ocelli-package-'));
let failed = 0;

const [{ filename, size, unpackedSize }] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--pack-destination', work], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .replace(/^[^[]*/s, ''),
);
console.log(`${filename}: ${(size / 1e6).toFixed(1)} MB packed, ${(unpackedSize / 1e6).toFixed(1)} MB unpacked`);

function project(name, installArguments, environment = {}) {
  const folder = mkdtempSync(join(work, `${name}-`));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true }));
  copyFileSync(join(root, 'examples/circles.png'), join(folder, 'circles.png'));
  const installed = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', ...installArguments, join(work, filename)],
    {
      cwd: folder,
      env: { ...process.env, ...environment },
    },
  );
  return { folder, installed };
}

function check(name, passed, shown) {
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name}${passed ? '' : `\n${shown}`}`);
  if (!passed) failed += 1;
}

function run(folder, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, all: `${stdout}${stderr}` };
}

const question = ['ocelli', 'ask', 'How many circles are there?', 'circles.png'];

const full = project('full', [], { ONNXRUNTIME_NODE_INSTALL: 'skip' });
check('installs by the line of the README', full.installed.status === 0, String(full.installed.stderr));
const answer = run(full.folder, 'npx', question);
check(
  `the bundled model answers: ${answer.stdout.trim()}`,
  answer.status === 0 && answer.stdout.trim() !== '',
  answer.all,
);
const required = run(full.folder, process.execPath, ['-e', "console.log(typeof require('ocelli').createOcelli)"]);
check(`require('ocelli') on Node ${process.versions.node}`, required.stdout.trim() === 'function', required.all);

const light = project('light', ['--omit=optional']);
check('installs without optional packages', light.installed.status === 0, String(light.installed.stderr));
const missing = run(light.folder, 'npx', question);
check(
  'says what is missing and the cure',
  missing.status === 1 && /ONNXRUNTIME_NODE_INSTALL=skip npm install|npm install sharp/.test(missing.all),
  missing.all,
);
console.log(missing.all.trim());
const hosted = run(light.folder, 'npx', [...question, '--model', 'openai:gpt-4o', '--dry-run']);
check('hosted models need neither', /OPENAI_API_KEY/.test(hosted.all), hosted.all);

const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
check('ships only what package.json lists', files.includes('dist') && !files.includes('src'), String(files));

rmSync(work, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;
