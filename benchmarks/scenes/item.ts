/** What is asked about a scene, what the right answer is, and what the generators hand over. */

import type { Scene } from './scene.js';

/** What an item's errors say something about; `naming` counts into existence, `charts` into ocr, `geometric` into counting or spatial. */
export type Task = 'counting' | 'spatial' | 'existence' | 'ocr';

/** The generators; each feeds a suite, `geometric` that of the name `geometry`. */
export const generatorNames = ['counting', 'spatial', 'existence', 'ocr', 'geometric', 'charts', 'naming'] as const;
export type GeneratorName = (typeof generatorNames)[number];

/** 1 is easy, 5 is hard. */
export const levels = [1, 2, 3, 4, 5] as const;
export type Level = (typeof levels)[number];

/** Which art, fonts, words and seeds a scene may use; the two share no font, no word, no seed and no Noto drawing. */
export type Split = 'train' | 'test';

/** What held-out scenes are made of: art, fonts and words that training never shows, or those that it does. */
export const looks = ['unseen', 'seen'] as const;
export type Look = (typeof looks)[number];

export type AnswerSpec =
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'yesno' }
  | { readonly type: 'choice'; readonly choices: readonly string[] }
  /** `accept` are other right answers. `abstain` is 'right' where the text cannot be read: the answer is then null. */
  | {
      readonly type: 'text';
      readonly accept: readonly string[];
      readonly caseSensitive: boolean;
      readonly abstain: 'wrong' | 'right';
    }
  /** Two integers in the order asked for, such as rows and columns. */
  | { readonly type: 'pair' };

/** Null: the right thing is to say that it cannot be told. Yes and no are `'yes'` and `'no'`. */
export type Answer = number | string | readonly [number, number] | null;

/** How a twin differs from the item it belongs to. */
export type TwinKind = 'one-more' | 'mirrored' | 'digit-changed' | 'toggled' | 'prior-breaking' | 'illegible';

/** Numbers to draw accuracy curves over; every item has `level`, the others where they mean something. */
export type Difficulty = Readonly<Record<string, number>>;

/** A scene and the question about it. */
interface AskedScene {
  readonly scene: Scene;
  readonly task: Task;
  readonly subtask: string;
  /** The same question in several wordings; the first is the one to use when only one is asked. */
  readonly questions: readonly string[];
  readonly answerSpec: AnswerSpec;
  readonly answer: Answer;
  /** The wrong answer that a model gives which does not look: the prior, the usual number, the mended text. */
  readonly expectedBias?: Answer;
  /** Ids of the elements that the answer rests on. */
  readonly evidence: readonly string[];
  readonly difficulty: Difficulty;
}

/** One question about one scene, with its ids and hashes. */
export interface SceneItem extends AskedScene {
  /** `counting-shapes-l2-1000000007`, twins end in `~one-more`. */
  readonly id: string;
  /** Hash of the scene; a twin has that of the scene it was made from, since the two are not independent. */
  readonly cluster: string;
  readonly sceneHash: string;
  readonly twin?: { readonly kind: TwinKind; readonly of: string };
  readonly generator: { readonly name: GeneratorName; readonly version: number };
  readonly level: Level;
  readonly seed: number;
  readonly split: Split;
  /** Of a held-out scene in the art, fonts and words of training. */
  readonly look?: 'seen';
}

/** What a generator is asked for. The same parameters give the same scenes for ever. */
export interface GeneratorParameters {
  readonly seed: number;
  /** Position in the run: generators take the sub-task and the wanted answer from it, so that answers spread evenly. */
  readonly slot: number;
  readonly level: Level;
  readonly split: Split;
}

/** Before ids and hashes are put on. */
export interface GeneratedScene extends AskedScene {
  /** Set on the scenes after the first. */
  readonly twin?: TwinKind;
}

/** A pure function from parameters to a scene, followed by its twins. */
export interface Generator {
  readonly name: GeneratorName;
  /** Raised when any seed would give another scene or another picture than before, the renderer's changes included. */
  readonly version: number;
  readonly subtasks: readonly string[];
  generate(parameters: GeneratorParameters): readonly [GeneratedScene, ...GeneratedScene[]];
}
