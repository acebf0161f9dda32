/** Declares `ocelli classify` and `ocelli search`, which a dual encoder on this machine answers. */

import { InvalidArgumentError, type Command } from 'commander';
import { classify, type ClassifyOptions } from './classify.js';
import type { Io } from './io.js';
import { search, type SearchOptions } from './search.js';

const modelHelp = 'local:owner/name or local:./folder (default: the bundled dual encoder)';

/** @param done is told the exit code */
export function addEmbeddingCommands(program: Command, io: Io, done: (exitCode: number) => void): void {
  program
    .command('classify')
    .description('say which of some labels describes a picture, on this machine')
    .argument('<pictures...>', 'paths or URLs')
    .requiredOption('-l, --labels <list>', 'labels, separated by commas')
    .option('-m, --model <id>', modelHelp)
    .option('--template <text>', 'sentence with {} for the label; can be repeated', collected)
    .option('--json', 'print one JSON document')
    .action(async (pictures: string[], options: ClassifyOptions) => {
      done(await classify(pictures, options, io));
    });
  program
    .command('search')
    .description('find the pictures of a folder that are nearest to a text or a picture, on this machine')
    .argument('<folder>', 'a folder, searched through')
    .argument('[text]', 'what to look for')
    .option('--image <path>', 'a picture to look for in place of a text')
    .option('-m, --model <id>', modelHelp)
    .option('--limit <n>', 'most pictures to show (default: 10)', wholeNumber)
    .option('--index <file>', 'keep the index there: the folder is read only when the file is not there')
    .option('--refresh', 'read the folder again and write the file anew')
    .option('--json', 'print one JSON document')
    .action(async (folder: string, text: string | undefined, options: SearchOptions) => {
      done(await search(folder, text, options, io));
    });
}

function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
