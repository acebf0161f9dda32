/** Keeps the shape of the code: who may import whom, what an adapter's folder holds, how long a file may be, who may fetch. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

function typescriptFiles(folder: string): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    for (const name of readdirSync(path)) {
      if (['node_modules', 'dist', 'fixtures', 'state'].includes(name)) continue;
      const full = join(path, name);
      if (statSync(full).isDirectory()) visit(full);
      else if (name.endsWith('.ts')) found.push(relative(root, full));
    }
  };
  try {
    visit(join(root, folder));
  } catch {
    return [];
  }
  return found;
}

/** Comments may show imports as examples; they do not count. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

function imports(file: string): string[] {
  const found = code(file).matchAll(/(?:from\s+|import\s*\(\s*|^import\s+)'(\.[^']+)'/gm);
  return [...found].map((match) =>
    relative(root, resolve(root, dirname(file), match[1] ?? '')).replace(/\.js$/, '.ts'),
  );
}

const production = ['src', 'adapters', 'local-model/engine', 'benchmarks'].flatMap(typescriptFiles);
const everything = [...production, ...typescriptFiles('test')];

/** The room a file belongs to: the first of these prefixes that fits. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'src/package-root.ts': [],
  'src/errors/': [],
  'src/request/': ['src/errors/'],
  'src/models/': ['src/errors/', 'src/request/'],
  'src/estimate/': ['src/errors/', 'src/request/', 'src/models/', 'src/cost/'],
  'src/cost/': ['src/errors/', 'src/request/', 'src/models/'],
  'src/media/': ['src/errors/', 'src/request/'],
  'adapters/adapter.ts': ['src/errors/', 'src/request/', 'src/models/'],
  'adapters/shared/': ['src/errors/', 'src/request/', 'src/models/', 'adapters/adapter.ts'],
  'adapters/local/': [
    'src/errors/',
    'src/request/',
    'src/media/',
    'src/models/',
    'adapters/adapter.ts',
    'adapters/shared/',
    'local-model/engine/',
    'src/package-root.ts',
  ],
  'adapters/': ['src/errors/', 'src/request/', 'src/media/', 'src/models/', 'adapters/adapter.ts', 'adapters/shared/'],
  'src/route/': [
    'src/errors/',
    'src/request/',
    'src/media/',
    'src/models/',
    'src/estimate/',
    'src/cost/',
    'adapters/adapter.ts',
  ],
  // Its index is the engine's, loaded on first use.
  'src/embedding/': [
    'src/errors/',
    'src/request/',
    'src/media/',
    'src/models/',
    'src/estimate/',
    'adapters/adapter.ts',
    'local-model/engine/index.ts',
  ],
  'src/testing/': ['src/errors/', 'src/request/', 'src/media/', 'src/models/', 'adapters/adapter.ts'],
  // `ocelli/local` and `ocelli/bench` too, loaded by the commands that need them: no program that only asks should have to.
  'src/cli/': ['src/index.ts', 'src/estimate/index.ts', 'local-model/engine/index.ts', 'benchmarks/index.ts'],
  'src/ocelli.ts': ['src/', 'adapters/'],
  'src/ocelli-types.ts': ['src/', 'adapters/adapter.ts'],
  'src/index.ts': ['src/', 'adapters/adapter.ts'],
  'local-model/engine/': ['src/errors/', 'src/request/', 'src/package-root.ts'],
  'benchmarks/': ['src/index.ts', 'src/testing/index.ts', 'src/estimate/index.ts', 'benchmarks/'],
};

function roomOf(file: string): string {
  if (/^adapters\/[^/]+\//.test(file) && !file.startsWith('adapters/local/') && !file.startsWith('adapters/shared/')) {
    return `${file.split('/').slice(0, 2).join('/')}/`;
  }
  return Object.keys(rooms).find((prefix) => file.startsWith(prefix)) ?? file;
}

function allowedFor(room: string): readonly string[] | undefined {
  return rooms[room] ?? (room.startsWith('adapters/') ? rooms['adapters/'] : undefined);
}

describe('rooms', () => {
  it('are entered only by those who may', () => {
    const offences: string[] = [];
    for (const file of production) {
      const room = roomOf(file);
      const allowed = allowedFor(room);
      if (allowed === undefined) {
        offences.push(`${file} belongs to no known room`);
        continue;
      }
      for (const target of imports(file)) {
        const inside = room.endsWith('/') ? target.startsWith(room) : target === room;
        if (!inside && !allowed.some((prefix) => target.startsWith(prefix))) offences.push(`${file} imports ${target}`);
      }
    }
    expect(offences).toEqual([]);
  });

  it('have no import cycles', () => {
    const graph = new Map(production.map((file) => [file, imports(file)]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      if (done.has(file)) return;
      for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of production) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe('an adapter', () => {
  const optional: Readonly<Record<string, readonly string[]>> = {
    google: ['wire.ts'],
    'openai-compatible': ['compat.ts'],
  };

  for (const name of ['openai', 'openai-compatible', 'anthropic', 'google', 'local']) {
    it(`has the same files as every other: ${name}`, () => {
      const files = readdirSync(join(root, 'adapters', name)).sort();
      const expected = ['client.ts', 'errors.ts', 'from-wire.ts', 'index.ts', 'to-wire.ts', 'usage.ts'];
      expect(files).toEqual([...expected, ...(optional[name] ?? [])].sort());
    });
  }

  it('touches its vendor SDK in client.ts only, and loads it on first use', () => {
    const offences = production.filter((file) => {
      const text = code(file);
      const runtimeImport =
        /^import\s+(?!type\b)[^;]*from\s+'(?:openai|@anthropic-ai\/sdk|@google\/generative-ai|onnxruntime-node|sharp)/m;
      const dynamicImport = /import\(\s*'(?:openai|@anthropic-ai\/sdk|@google\/generative-ai)/;
      return runtimeImport.test(text) || (dynamicImport.test(text) && !/^adapters\/[^/]+\/client\.ts$/.test(file));
    });
    expect(offences).toEqual([]);
  });
});

describe('files', () => {
  it('stay short enough to be read at once', () => {
    const long = everything
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 421);
    expect(long).toEqual([]);
  });

  it('open with a sentence that says what they are for', () => {
    const silent = production.filter((file) => !/^(?:#!.*\n)?\/\*\*[^*]/.test(readFileSync(join(root, file), 'utf8')));
    expect(silent).toEqual([]);
  });

  it('never name a machine of ours or a registry host', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect(lock).not.toMatch(/"resolved": *"http/);
    // Written so that this file does not name it either.
    const ours = ['', 'work', ''].join('/');
    expect(everything.filter((file) => readFileSync(join(root, file), 'utf8').includes(ours))).toEqual([]);
  });
});

describe('a URL that a user gave', () => {
  it('is fetched by the guarded downloader only', () => {
    const mayFetch = [
      /^src\/media\//,
      /^src\/testing\//,
      /^benchmarks\/performance\//,
      // Goes only to the hub or mirror that the caller configured.
      /^local-model\/engine\/hub\/hub-client\.ts$/,
    ];
    const offences = production.filter(
      (file) =>
        !mayFetch.some((pattern) => pattern.test(file)) &&
        /(?<![.\w])fetch\(|\bhttps?\.(?:request|get)\(|from 'node:https?'/.test(code(file)),
    );
    expect(offences).toEqual([]);
  });
});
