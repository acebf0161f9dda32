/** The command line: commands, options, and how every failure becomes one sentence and an exit code. */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { OcelliError } from '../index.js';
import { ask, type AskOptions } from './ask.js';
import { addBenchCommands } from './bench-commands.js';
import { benchExitCodes } from './bench-load.js';
import { addEmbeddingCommands } from './embedding-commands.js';
import { addEstimateCommands } from './estimate-commands.js';
import { doctor, type DoctorOptions } from './doctor.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';
import { models, type ModelsOptions } from './models.js';
import { removeModel } from './models-remove.js';
import { pull, type PullCommandOptions } from './pull.js';

/** Runs one command line (without `node ocelli`) and returns its exit code. */
export async function run(argv: readonly string[], version: string, io: Io): Promise<number> {
  let exitCode: number = exitCodes.answered;
  const program = new Command('ocelli')
    .description('Ask hosted or local vision-language models about pictures.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Try --help.')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });

  program
    .command('ask')
    .description('ask one question about any number of pictures')
    .argument('<prompt>', 'the question')
    .argument('[pictures...]', 'paths or URLs of pictures; "-" reads one from standard input')
    .option(
      '-m, --model <ids>',
      'provider:model-id, several separated by commas: the first that can answers (default: local:tiny)',
    )
    .option('-s, --system <text>', 'instructions before the question')
    .option('-d, --detail <level>', 'low, medium, high, original or auto (default: high)')
    .option('--max-output-tokens <n>', 'most tokens to answer with', wholeNumber)
    .option('-t, --temperature <n>', 'randomness, 0 to 2', number)
    .option('--seed <n>', 'makes sampling repeatable where the model can', wholeNumber)
    .option('--schema <file>', 'JSON Schema file: the answer is JSON of that shape')
    .option('--json', 'print one JSON document: the whole reply, or the error')
    .option('--no-stream', 'print the answer at once when it is complete')
    .option('--dry-run', 'send nothing; print what would be sent to whom')
    .option('-v, --verbose', 'tell more on standard error')
    .action(async (prompt: string, pictures: string[], options: AskOptions) => {
      exitCode = await ask(prompt, pictures, options, io);
    });

  program
    .command('models')
    .description('list the models in the catalogue, which providers have a key, and what was downloaded')
    .option('--json', 'print one JSON document')
    .action(async (options: ModelsOptions) => {
      exitCode = await models(options, io);
    })
    .command('remove')
    .description('take a downloaded model out of the cache')
    .argument('<model>', 'owner/name, or owner/name@revision')
    .action(async (model: string) => {
      exitCode = await removeModel(model, io);
    });

  program
    .command('doctor')
    .description('say what runs on this machine, which models and keys are there, and what is wrong')
    .option('--quick', 'do not read the models to compare their checksums')
    .option('--json', 'print one JSON document')
    .action(async (options: DoctorOptions) => {
      exitCode = await doctor(options, version, io);
    });

  program
    .command('pull')
    .description('download a local model, to be used as local:owner/name')
    .argument('<model>', 'owner/name on the hub, or owner/name@revision')
    .option('--dtype <kind>', 'fp32, fp16, int8, uint8, q8, q4 or q4f16 (default: the best for a CPU)')
    .option('--offline', 'touch no network: only say whether the model is there')
    .option('--mirror <url>', 'base URL of the hub (default: HF_ENDPOINT, or https://huggingface.co)')
    .option('--token-variable <name>', 'environment variable that holds the access token (default: HF_TOKEN)')
    .action(async (model: string, options: PullCommandOptions) => {
      exitCode = await pull(model, options, io);
    });

  const done = (code: number): void => {
    exitCode = code;
  };
  addEmbeddingCommands(program, io, done);
  addEstimateCommands(program, io, done);
  addBenchCommands(program, io, version, done);

  try {
    if (argv.length === 0) {
      program.outputHelp();
      return exitCodes.usage;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    const code = report(error, argv.includes('--verbose') || argv.includes('-v'), io);
    return argv[0] === 'bench' && code !== exitCodes.answered ? benchExitCodes.failed : code;
  }
}

/** Says what went wrong in one sentence, with `--verbose` everything that is known. */
function report(error: unknown, verbose: boolean, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.answered : exitCodes.usage;
  if (error instanceof UsageError) {
    io.stderr.write(`error: ${printable(error.message)}\n`);
    return exitCodes.usage;
  }
  if (OcelliError.isInstance(error)) {
    io.stderr.write(`error: ${printable(error.message)}\n`);
    if (verbose) io.stderr.write(`${JSON.stringify(error.toJSON(), undefined, 2)}\n`);
    return error.kind === 'invalid-request' ? exitCodes.usage : exitCodes.failed;
  }
  io.stderr.write(`error: ${printable(error instanceof Error ? error.message : String(error))}\n`);
  if (verbose && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
  return exitCodes.failed;
}

function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}
