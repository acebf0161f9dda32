/** `ocelli classify`: which of some labels describes a picture, without training. */

import { createOcelli, type ClassifyReply } from '../index.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';
import { renderTable, type Column } from './table.js';

export interface ClassifyOptions {
  readonly labels: string;
  readonly model?: string;
  readonly template?: readonly string[];
  readonly json?: boolean;
}

const columns: readonly Column[] = [
  { title: 'label', align: 'left' },
  { title: 'score', align: 'right' },
  { title: 'cosine', align: 'right' },
];

export async function classify(pictures: readonly string[], options: ClassifyOptions, io: Io): Promise<number> {
  const labels = options.labels
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '');
  if (labels.length === 0) throw new UsageError('--labels is empty; give some, separated by commas.');
  const ocelli = createOcelli({ environment: io.environment });
  const replies: { readonly picture: string; readonly reply: ClassifyReply }[] = [];
  for (const picture of pictures) {
    const reply = await ocelli.classify({
      image: picture,
      labels,
      signal: io.signal,
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.template === undefined ? {} : { template: options.template }),
    });
    replies.push({ picture, reply });
    if (options.json !== true) write(picture, reply, pictures.length > 1, io);
  }
  if (options.json === true) {
    const documents = replies.map(({ picture, reply }) => ({ picture, ...reply }));
    io.stdout.write(`${JSON.stringify({ pictures: documents }, undefined, 2)}\n`);
  }
  return exitCodes.answered;
}

function write(picture: string, { labels }: ClassifyReply, isNamed: boolean, io: Io): void {
  const rows = labels.map(({ label, score, cosine }) => [printable(label), score.toFixed(4), cosine.toFixed(4)]);
  io.stdout.write(`${isNamed ? `${printable(picture)}\n` : ''}${renderTable(columns, rows)}${isNamed ? '\n' : ''}`);
}
