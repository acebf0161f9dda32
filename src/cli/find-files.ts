/** Turns what stands on the command line into picture files: paths, whole folders, and patterns that the shell left alone. */

import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Something that could not be used, while the rest goes on. */
export interface Problem {
  /** The file, size or model that it is about. */
  readonly subject: string;
  readonly message: string;
}

export interface FoundFiles {
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

/** Only these are taken from a folder, where anything may lie; a file that is named is tried whatever its name. */
const pictureName = /\.(?:jpe?g|png|gif|webp|avif|heic|heif|bmp|tiff?|svg)$/i;
const patternCharacter = /[*?[\]{}]/;

/** The files behind the arguments, in order; those of a folder by name, those within it included. */
export async function findFiles(inputs: readonly string[]): Promise<FoundFiles> {
  const files: string[] = [];
  const problems: Problem[] = [];
  for (const input of inputs) {
    const found = await findInput(input);
    if ('message' in found) problems.push(found);
    else files.push(...found.files);
  }
  return { files, problems };
}

async function findInput(input: string): Promise<{ readonly files: string[] } | Problem> {
  const problem = (message: string): Problem => ({ subject: input, message });
  if (/^(?:https?|data):/.test(input))
    return problem('Only files can be estimated; download it, or give its size with --size.');
  if (input === '-') return problem('Standard input cannot be estimated; name a file, or give its size with --size.');
  const status = await stat(input).catch(() => undefined);
  if (status?.isDirectory() === true) {
    const files = await filesWithin(input, Infinity);
    const pictures = files.filter((file) => pictureName.test(file));
    return pictures.length === 0 ? problem('The folder holds no pictures.') : { files: pictures };
  }
  if (status !== undefined || !patternCharacter.test(input)) {
    // What is wrong with a file is found out by reading it.
    return { files: [input] };
  }
  const files = await filesLike(input);
  return files.length === 0 ? problem('The pattern fits no file.') : { files };
}

/** Files in a folder and the folders within it, without hidden ones and without following links to folders. */
async function filesWithin(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth > 1) files.push(...(await filesWithin(path, depth - 1)));
    } else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) files.push(path);
  }
  return files;
}

async function isFile(path: string): Promise<boolean> {
  const status = (await stat(path).catch(() => undefined)) ?? (await lstat(path).catch(() => undefined));
  return status?.isFile() ?? false;
}

async function filesLike(pattern: string): Promise<string[]> {
  const segments = pattern.split('/');
  const firstOpen = segments.findIndex((segment) => patternCharacter.test(segment));
  const base = segments.slice(0, firstOpen).join('/');
  const open = segments.slice(firstOpen);
  const folder = base === '' ? (pattern.startsWith('/') ? '/' : '.') : base;
  const matcher = new RegExp(`^${open.map(segmentSource).join('/').replaceAll('(?:.*/)?/', '(?:.*/)?')}$`);
  const files = await filesWithin(folder, open.includes('**') ? Infinity : open.length);
  const prefix = join(folder, '/');
  return files.filter((file) =>
    matcher.test((folder === '.' ? file : file.slice(prefix.length)).replaceAll('\\', '/')),
  );
}

/** One folder's worth of a pattern as the source of a regular expression. */
function segmentSource(segment: string): string {
  if (segment === '**') return '(?:.*/)?';
  let depth = 0;
  return segment.replace(/\[[!^]?[^\]/]+\]|[*?{},]|[.+^$()|\\[\]]/g, (part): string => {
    switch (part) {
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{':
        depth += 1;
        return '(?:';
      case '}':
        if (depth === 0) return '\\}';
        depth -= 1;
        return ')';
      case ',':
        return depth > 0 ? '|' : ',';
      default:
        return part.length > 2 ? `[${part.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]` : `\\${part}`;
    }
  });
}
