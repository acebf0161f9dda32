/** What the performance scripts share: percentiles, the machine's description, and the page they write. */

import { cpus } from 'node:os';
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';

export function percentile(values, share) {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (values) => percentile(values, 0.5);

/** The processor with the flags that matter for speed here. */
export async function machine() {
  const flags = await readFile('/proc/cpuinfo', 'utf8')
    .then((text) => /^flags\s*:\s*(.*)$/m.exec(text)?.[1]?.split(' ') ?? [])
    .catch(() => []);
  const named = ['avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16'].filter((flag) => flags.includes(flag));
  return `${cpus().length} × ${cpus()[0]?.model.trim()} (${named.join(', ') || 'no AVX flags seen'}), Node ${process.versions.node}`;
}

/** Replaces the section between `<!-- measured:name -->` and `<!-- /measured -->` of a page of docs/. */
export async function writeSection(name, text, pageName = 'performance') {
  const page = new URL(`../../docs/${pageName}.md`, import.meta.url);
  const old = await readFile(page, 'utf8');
  const open = `<!-- measured:${name} -->`;
  if (!old.includes(open)) throw new Error(`docs/${pageName}.md has no section ${name}`);
  const start = old.indexOf(open) + open.length;
  const end = old.indexOf('<!-- /measured -->', start);
  const fresh = `${old.slice(0, start)}\n\n${text.trim()}\n\n${old.slice(end)}`;
  await writeFile(page, await format(fresh, { ...(await resolveConfig(page.pathname)), parser: 'markdown' }));
}

export function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
