/** The tasks that Florence-2 was trained on: their sentences, and which of them a plain text asks for. */

import { OcelliError } from '../../../src/errors/index.js';
import { isRecord, type JsonRecord } from '../json.js';
import type { PlaceGroups } from './places.js';

/** What the encoder is given, and how places in the answer belong together. */
export interface FlorenceTask {
  readonly sentence: string;
  readonly places: PlaceGroups;
}

/** By tag; `{input}` is what follows it. Source: transformers, `Florence2Processor` (5.23). */
const sentences: Readonly<Record<string, string>> = {
  '<OCR>': 'What is the text in the image?',
  '<OCR_WITH_REGION>': 'What is the text in the image, with regions?',
  '<CAPTION>': 'What does the image describe?',
  '<DETAILED_CAPTION>': 'Describe in detail what is shown in the image.',
  '<MORE_DETAILED_CAPTION>': 'Describe with a paragraph what is shown in the image.',
  '<OD>': 'Locate the objects with category name in the image.',
  '<DENSE_REGION_CAPTION>': 'Locate the objects in the image, with their descriptions.',
  '<REGION_PROPOSAL>': 'Locate the region proposals in the image.',
  '<CAPTION_TO_PHRASE_GROUNDING>': 'Locate the phrases in the caption: {input}',
  '<REFERRING_EXPRESSION_SEGMENTATION>': 'Locate {input} in the image with mask',
  '<REGION_TO_SEGMENTATION>': 'What is the polygon mask of region {input}',
  '<OPEN_VOCABULARY_DETECTION>': 'Locate {input} in the image.',
  '<REGION_TO_CATEGORY>': 'What is the region {input}?',
  '<REGION_TO_DESCRIPTION>': 'What does the region {input} describe?',
  '<REGION_TO_OCR>': 'What text is in the region {input}?',
};

/** Tags whose places are no boxes of four numbers. */
const groups: Readonly<Record<string, PlaceGroups>> = {
  '<OCR_WITH_REGION>': 8,
  '<REFERRING_EXPRESSION_SEGMENTATION>': 'all',
  '<REGION_TO_SEGMENTATION>': 'all',
};

/** Words of a plain request, most telling first. The model knows its sentences only; a text without such words is sent as it is. */
const words: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:text|words?|letters?)\b.*\b(?:where|positions?|regions?|boxes)\b|\bwhere\b.*\b(?:text|words?)\b/i,
    '<OCR_WITH_REGION>',
  ],
  [/\b(?:detect|locate|bounding box(?:es)?|where (?:is|are)|find (?:all|the|every))\b/i, '<OD>'],
  [/\b(?:read|ocr|transcribe|text|written)\b|\bwhat (?:does|do) .* say\b/i, '<OCR>'],
  [/\b(?:in detail|detailed|thoroughly|paragraph)\b/i, '<MORE_DETAILED_CAPTION>'],
  [/\bcaption\b/i, '<CAPTION>'],
  [
    /\b(?:describe|description)\b|\bwhat(?:'s| is| do you see) (?:this|that|there|shown|in|on)\b/i,
    '<DETAILED_CAPTION>',
  ],
];

/** Reads tasks, with a folder's own sentences where it has some. */
export class FlorenceTasks {
  readonly #sentences: ReadonlyMap<string, string>;

  constructor(preprocessorConfig: JsonRecord) {
    const own = ['task_prompts_without_inputs', 'task_prompts_with_input'].flatMap((key) => {
      const table = preprocessorConfig[key];
      return isRecord(table) ? Object.entries(table) : [];
    });
    const usable = own.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    this.#sentences = new Map([...Object.entries(sentences), ...usable]);
  }

  /**
   * @param text a tag with what it needs, a task's own sentence, or a plain request
   * @throws OcelliError `unsupported-input` when a task is given too much or too little
   */
  taskOf(text: string): FlorenceTask {
    const asked = text.trim();
    for (const [tag, sentence] of this.#sentences) {
      if (asked.includes(tag)) return taskOf(tag, sentence, asked.replaceAll(tag, '').trim());
      if (asked === sentence) return { sentence, places: groups[tag] ?? 4 };
    }
    const tag = asked === '' ? '<CAPTION>' : words.find(([pattern]) => pattern.test(asked))?.[1];
    const sentence = tag === undefined ? undefined : this.#sentences.get(tag);
    if (tag === undefined || sentence === undefined) return { sentence: text, places: 4 };
    return taskOf(tag, sentence, '');
  }
}

function taskOf(tag: string, sentence: string, input: string): FlorenceTask {
  const wantsInput = sentence.includes('{input}');
  if (wantsInput === (input === '')) {
    throw new OcelliError(
      'unsupported-input',
      wantsInput
        ? `The task ${tag} needs a text after it, as in "${tag}a red car".`
        : `The task ${tag} stands alone, but other text was found with it. Send the tag only.`,
    );
  }
  return { sentence: sentence.replace('{input}', () => input), places: groups[tag] ?? 4 };
}
