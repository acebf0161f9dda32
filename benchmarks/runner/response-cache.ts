/** Answers of earlier runs by the request that was sent. Failures and cut answers are never in it. */

import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Answer } from './executor.js';
import { fileProblem } from './file-problem.js';
import { writeWhole } from './write-whole.js';

export interface ResponseCache {
  get(requestHash: string): Promise<Answer | undefined>;
  put(requestHash: string, answer: Answer): Promise<void>;
}

/** Whether an answer may stand for another call of the same request. */
export function isCacheable(answer: Answer): boolean {
  return answer.text !== undefined && answer.error === undefined && answer.finishReason === 'stop';
}

/** A cache in a folder, which any number of runs may share. */
export function folderCache(folder: string): ResponseCache {
  const pathOf = (hash: string): string => join(folder, hash.slice(0, 2), `${hash}.json`);
  return {
    get: async (hash) => {
      try {
        const answer = JSON.parse(await readFile(pathOf(hash), 'utf8')) as Answer;
        return isCacheable(answer) ? answer : undefined;
      } catch {
        // Not there, or damaged: asked again.
        return undefined;
      }
    },
    put: async (hash, answer) => {
      if (!isCacheable(answer)) return;
      const path = pathOf(hash);
      try {
        await mkdir(dirname(path), { recursive: true });
      } catch (error) {
        throw fileProblem(path, error);
      }
      await writeWhole(path, JSON.stringify(answer));
    },
  };
}
