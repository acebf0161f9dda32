/** Finds the places where a reply marks its answer: tags, JSON, boxes, braces, "the answer is". */

/** What stands in a marked place; a number or a boolean only where JSON held one. */
export type Marked = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>;

const answerKeys = [
  'answer',
  'final_answer',
  'finalanswer',
  'final answer',
  'result',
  'value',
  'count',
  'number',
  'total',
  'choice',
  'text',
  'label',
  'response',
];
const asideKeys = /^(?:confidence|probability|reason|reasoning|explanation|thought|thoughts|unit|notes?)$/;

/**
 * The marked answers of a reply by authority: each entry of the list holds the answers of one kind of mark, the most explicit first.
 * Several answers in one entry are for the caller to compare.
 *
 * @param text a plain reply
 * @example
 * markedAnswers('I see two, no: {3}'); // [['3']]
 */
export function markedAnswers(text: string): Marked[][] {
  return [tagged(text), fromJson(text), boxed(text), braced(text), stated(text), totalled(text)].filter(
    (found) => found.length > 0,
  );
}

function tagged(text: string): string[] {
  return Array.from(text.matchAll(/<answer>([^<]{0,2000})<\/answer>/gi), (match) => match[1] ?? '');
}

/** The whole reply, or the one object or array in it, read as JSON. */
export function jsonIn(text: string): Marked | undefined {
  const body = text.trim().replace(/^json\s*(?=[[{])/i, '');
  const whole = parsed(body);
  if (whole !== undefined) return whole;
  const start = body.search(/\{\s*"|\[\s*["\d-]/);
  if (start < 0) return undefined;
  const end = Math.max(body.lastIndexOf('}'), body.lastIndexOf(']'));
  return end > start ? parsed(body.slice(start, end + 1)) : undefined;
}

function parsed(text: string): Marked | undefined {
  if (!/^[[{"]|^-?\d|^(?:true|false)$/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value === null || value === undefined ? undefined : (value as Marked);
  } catch {
    return undefined;
  }
}

function fromJson(text: string): Marked[] {
  const found = jsonIn(text);
  // A bare number or string is no mark: the plain reading says the same of it.
  if (found === undefined || typeof found !== 'object') return [];
  if (Array.isArray(found)) return found.length === 1 ? [found[0] as Marked] : [];
  const entries = Object.entries(found).filter(([, value]) => value !== null && value !== undefined);
  const named = answerKeys.flatMap((key) => entries.filter(([name]) => name.toLowerCase() === key));
  const telling = entries.filter(([name]) => !asideKeys.test(name.toLowerCase()));
  const [entry] = named.length > 0 ? named : telling.length === 1 ? telling : [];
  return entry === undefined ? [] : [entry[1] as Marked];
}

/** Whether JSON gives null for the answer: it could have given one. */
export function saysNull(text: string): boolean {
  if (!text.includes('null')) return false;
  const found = jsonIn(text);
  if (typeof found !== 'object' || Array.isArray(found)) return false;
  return Object.entries(found).some(([key, value]) => value === null && answerKeys.includes(key.toLowerCase()));
}

function boxed(text: string): string[] {
  return Array.from(text.matchAll(/\\boxed\s?\{([^{}]{0,200})\}/g), (match) => match[1] ?? '');
}

function braced(text: string): string[] {
  return Array.from(text.matchAll(/(?<![\w\\}])\{([^{}"\n]{1,60})\}/g), (match) => match[1] ?? '');
}

/** Up to the end of the sentence: a point that a digit follows belongs to a number. */
const sentenceRest = '((?:[^.!?\\n]|[.](?=\\d)){1,160})';

const statement = new RegExp(
  `\\banswer(?:\\s+to\\s+[^.:\\n]{1,60}?)?(?:\\s+(?:is|would be|must be|should be)\\b|\\s*[:=])[:\\s]*${sentenceRest}`,
  'gi',
);
const total = new RegExp(
  `\\b(?:total|final count|count)(?:\\s+(?:number|count))?(?:\\s+of\\s+[a-z ]{1,40}?)?(?:\\s+is\\b|\\s*[:=])\\s*${sentenceRest}`,
  'gi',
);

function stated(text: string): string[] {
  return Array.from(text.matchAll(statement), (match) => match[1] ?? '');
}

function totalled(text: string): string[] {
  return Array.from(text.matchAll(total), (match) => match[1] ?? '');
}
