/** Items and responses with as little in them as a test needs. */

import { recordVersion, type ItemRecord, type ResponseRecord } from '../../benchmarks/scoring/index.js';

export function item(fields: Pick<ItemRecord, 'answerSpec' | 'answer'> & Partial<ItemRecord>): ItemRecord {
  return {
    record: 'item',
    version: recordVersion,
    id: 'item-1',
    suite: 'test',
    task: 'counting',
    subtask: 'shapes',
    questions: ['How many?'],
    cluster: 'picture-1',
    ...fields,
  };
}

export function reply(text: string | undefined, fields: Partial<ResponseRecord> = {}): ResponseRecord {
  return {
    record: 'response',
    version: recordVersion,
    itemId: 'item-1',
    model: 'test:model',
    prompt: 0,
    repeat: 0,
    executor: 'replay',
    ...(text === undefined ? {} : { text }),
    ...fields,
  };
}
