/** Loads the optional packages that pictures are drawn with: the canvas, the art and the fonts. */

import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type * as canvasTypes from '@napi-rs/canvas';
import { OcelliError } from '../../src/index.js';

/** The canvas package's module. */
export type CanvasModule = typeof canvasTypes;

const require = createRequire(import.meta.url);

/** An error that names what to install; descriptions and truth of scenes need none of it. */
function missing(packageName: string): OcelliError {
  return new OcelliError(
    'invalid-request',
    `Drawing this scene needs the optional package ${packageName}, which is not installed. Install it with "npm install ${packageName}"; scenes, questions and answers can be generated without it.`,
  );
}

let canvasModule: Promise<CanvasModule> | undefined;

/** The canvas, loaded on first use. */
export function loadCanvas(): Promise<CanvasModule> {
  canvasModule ??= import('@napi-rs/canvas').catch(() => {
    canvasModule = undefined;
    throw missing('@napi-rs/canvas');
  });
  return canvasModule;
}

/** The folder of an installed package; throws an `invalid-request` OcelliError that names it where it is absent. */
export function packageFolder(packageName: string): string {
  try {
    return dirname(require.resolve(`${packageName}/package.json`));
  } catch {
    throw missing(packageName);
  }
}

/** An icon set of `@iconify-json`: SVG bodies by icon name. */
export interface IconSet {
  readonly width?: number;
  readonly height?: number;
  readonly icons: Readonly<Record<string, Icon>>;
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>;
}

interface Icon {
  readonly body: string;
  readonly left?: number;
  readonly top?: number;
  readonly width?: number;
  readonly height?: number;
}

const jsonFiles = new Map<string, Promise<unknown>>();

/** A JSON file of a package, read once. */
export function packageJson<T>(packageName: string, file: string): Promise<T> {
  const path = join(packageFolder(packageName), file);
  let content = jsonFiles.get(path);
  if (content === undefined) {
    content = readFile(path, 'utf8').then((text): unknown => JSON.parse(text));
    jsonFiles.set(path, content);
  }
  return content as Promise<T>;
}
