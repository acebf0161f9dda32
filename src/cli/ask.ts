/** `ocelli ask`: one question about any pictures, answered by the first model of a list that can. */

import { readFile, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import {
  createOcelli,
  OcelliError,
  type Detail,
  type GenerateRequest,
  type JsonObject,
  type JsonSchema,
  type MediaSource,
  type Ocelli,
  type Reply,
} from '../index.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';

export interface AskOptions {
  readonly model?: string;
  readonly system?: string;
  readonly detail?: string;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly schema?: string;
  readonly json?: boolean;
  readonly stream: boolean;
  readonly dryRun?: boolean;
  readonly verbose?: boolean;
}

export async function ask(prompt: string, pictures: readonly string[], options: AskOptions, io: Io): Promise<number> {
  await checkPrompt(prompt, pictures);
  const ocelli = createOcelli({ environment: io.environment });
  const request = await toRequest(prompt, pictures, options, io);
  if (options.dryRun === true) return dryRun(ocelli, request, options, io);
  if (options.json === true) return askForJson(ocelli, request, io);
  return askForText(ocelli, request, options, io);
}

/** What is easily forgotten at a prompt, and would be answered all the same. */
async function checkPrompt(prompt: string, pictures: readonly string[]): Promise<void> {
  if (prompt.trim() === '') throw new UsageError('The question is empty.');
  if (pictures.length === 0 && (await isFile(prompt))) {
    throw new UsageError(
      `"${prompt}" is a file, and no question was asked. Ask first: ocelli ask "What is this a picture of?" ${prompt}`,
    );
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function toRequest(
  prompt: string,
  pictures: readonly string[],
  options: AskOptions,
  io: Io,
): Promise<GenerateRequest> {
  if (pictures.filter((picture) => picture === '-').length > 1) throw new UsageError('"-" can be given only once.');
  const images: MediaSource[] = [];
  for (const picture of pictures) images.push(picture === '-' ? await standardInput(io) : picture);
  return {
    ...(options.model === undefined ? {} : { model: modelList(options.model) }),
    prompt,
    images,
    ...(options.system === undefined ? {} : { system: options.system }),
    ...(options.detail === undefined ? {} : { detail: options.detail as Detail }),
    ...(options.maxOutputTokens === undefined ? {} : { maxOutputTokens: options.maxOutputTokens }),
    ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.schema === undefined ? {} : { output: await schemaFile(options.schema) }),
    signal: io.signal,
  };
}

async function standardInput(io: Io): Promise<Uint8Array> {
  if (io.stdin.isTTY === true)
    throw new UsageError('"-" reads a picture from standard input, but nothing is piped in.');
  const bytes = new Uint8Array(await buffer(io.stdin));
  if (bytes.length === 0) throw new UsageError('"-" reads a picture from standard input, which is empty.');
  return bytes;
}

function modelList(text: string): string[] {
  const models = text
    .split(',')
    .map((model) => model.trim())
    .filter((model) => model !== '');
  if (models.length === 0)
    throw new UsageError('--model is empty; give provider:model-id, several separated by commas.');
  return models;
}

async function schemaFile(path: string): Promise<JsonSchema> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`--schema: the file ${path} cannot be read.`);
  }
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw new UsageError(`--schema: ${path} is not JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
}

/** Text as it comes; what happened on the way goes to standard error. */
async function askForText(ocelli: Ocelli, request: GenerateRequest, options: AskOptions, io: Io): Promise<number> {
  let atLineStart = true;
  const write = (text: string): void => {
    const clean = printable(text);
    if (clean === '') return;
    io.stdout.write(clean);
    atLineStart = clean.endsWith('\n');
  };
  for await (const event of ocelli.stream(request)) {
    switch (event.type) {
      case 'text-delta':
        if (options.stream) write(event.text);
        break;
      case 'warning':
        io.stderr.write(`warning: ${printable(event.warning.message)}\n`);
        break;
      case 'attempt':
        if (options.verbose === true || request.model !== undefined) {
          const { model, outcome, reason, errorKind } = event.attempt;
          io.stderr.write(
            `${model} ${outcome} (${errorKind ?? 'unknown'})${options.verbose === true ? `: ${printable(reason ?? '')}` : ''}\n`,
          );
        }
        break;
      case 'finish':
        if (!options.stream) write(event.reply.text);
        if (!atLineStart || event.reply.text === '') io.stdout.write('\n');
        noteEnding(event.reply, options, io);
        return exitCodes.answered;
      case 'error':
        if (!atLineStart) io.stdout.write('\n');
        throw event.error;
      default:
        break;
    }
  }
  return exitCodes.failed;
}

function noteEnding(reply: Reply, options: AskOptions, io: Io): void {
  if (reply.finishReason === 'length') io.stderr.write('warning: the answer was cut at --max-output-tokens.\n');
  if (options.verbose !== true) return;
  const { inputTokens, outputTokens } = reply.usage;
  io.stderr.write(`${reply.model}: ${inputTokens ?? '?'} input tokens, ${outputTokens ?? '?'} output tokens\n`);
}

/** One JSON document, whether the call went well or not. */
async function askForJson(ocelli: Ocelli, request: GenerateRequest, io: Io): Promise<number> {
  try {
    const reply = await ocelli.generate(request);
    io.stdout.write(`${JSON.stringify(reply, undefined, 2)}\n`);
    return exitCodes.answered;
  } catch (error) {
    if (!OcelliError.isInstance(error)) throw error;
    io.stdout.write(`${JSON.stringify({ error: error.toJSON(), partialReply: error.partialReply }, undefined, 2)}\n`);
    return error.kind === 'invalid-request' ? exitCodes.usage : exitCodes.failed;
  }
}

/** What would be sent to whom; nothing is sent. */
async function dryRun(ocelli: Ocelli, request: GenerateRequest, options: AskOptions, io: Io): Promise<number> {
  const calls = await ocelli.prepare(request);
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ candidates: calls }, undefined, 2)}\n`);
  } else {
    for (const call of calls) {
      io.stdout.write(
        call.status === 'ready'
          ? `${call.model} would be sent:\n${JSON.stringify(call.body, undefined, 2)}\n`
          : `${call.model} would be skipped: ${call.error.message}\n`,
      );
      if (call.status === 'ready') {
        for (const warning of call.warnings) io.stderr.write(`warning: ${call.model}: ${warning.message}\n`);
      }
    }
  }
  return calls.some((call) => call.status === 'ready') ? exitCodes.answered : exitCodes.failed;
}
