/**
 * Scores the lessons' own answers with the harness's scorer, for check.py: a right answer must be scored as correct.
 *
 *   node local-model/training/draw/score-answers.mjs ANSWERS.jsonl
 *
 * Every line is `{ task, text, answerSpec, answer, said }`; writes one outcome a line. Needs `npm run build`.
 */

import { readFile } from 'node:fs/promises';
import { recordVersion, scoreResponse } from '../../../dist/benchmarks/index.js';

const lines = (await readFile(process.argv[2] ?? 'answers.jsonl', 'utf8')).trim().split('\n');
for (const [number, line] of lines.entries()) {
  const { task, text, answerSpec, answer, said } = JSON.parse(line);
  const id = `lesson-${number}`;
  const item = {
    record: 'item',
    version: recordVersion,
    id,
    suite: 'lessons',
    task,
    subtask: 'lesson',
    questions: [text],
    answerSpec,
    answer,
    cluster: id,
    split: 'train',
  };
  const response = {
    record: 'response',
    version: recordVersion,
    itemId: id,
    model: 'trainer',
    prompt: 0,
    repeat: 0,
    text: said,
    finishReason: 'stop',
  };
  console.log(scoreResponse(item, response).outcome);
}
