/** One answer under way: chooses tokens, holds them to what was asked for, and turns them into text. */

import { StopMatcher } from '../../src/request/index.js';
import type { Constraint } from './constrain/constraint.js';
import type { TextFilter } from './families/places.js';
import { localModelError } from './local-model-error.js';
import { logprobsOf } from './logprobs.js';
import { penalised, penaltiesOf, withoutRepeats, type Penalties } from './penalties.js';
import type { EngineEvent, EngineRequest, TokenProbability } from './request.js';
import { sample, samplingOptions, seededRandom, type SamplingOptions } from './sampler.js';
import { StreamingDecoder } from './streaming-decoder.js';
import type { Tokenizer } from './tokenizer.js';

/** What an answer is made with. */
export interface AnswerSetting {
  readonly request: EngineRequest;
  readonly promptIds: readonly number[];
  readonly tokenizer: Tokenizer;
  readonly endTokens: ReadonlySet<number>;
  /** Most tokens, the end token not counted. */
  readonly most: number;
  readonly constraint: Constraint | undefined;
  /** Text of tokens, where that is more than leaving out special ones. */
  readonly decode?: ((ids: readonly number[]) => string) | undefined;
  /** What the text goes through before anybody sees it. */
  readonly filter?: TextFilter | undefined;
  /** The model's own wish that no run of so many tokens comes twice, and what the decoder was given before the answer. */
  readonly noRepeats?: { readonly size: number; readonly beginning: readonly number[] } | undefined;
}

/** Forced tokens in one run, so that abort stays quick; more follow in the next. */
const mostForced = 64;

export class Answer {
  readonly ids: number[] = [];
  /** Set when the answer is over. */
  reason: 'stop' | 'length' | undefined;
  readonly #setting: AnswerSetting;
  readonly #decoder: StreamingDecoder;
  readonly #stops: StopMatcher;
  readonly #random: () => number;
  readonly #prompt: ReadonlySet<number>;
  readonly #counts = new Map<number, number>();
  readonly #sampling: SamplingOptions;
  readonly #penalties: Penalties;

  constructor(setting: AnswerSetting) {
    const { request, tokenizer } = setting;
    this.#setting = setting;
    this.#decoder = new StreamingDecoder(
      setting.decode ??
        ((ids) => tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false })),
    );
    this.#stops = new StopMatcher(request.stop ?? []);
    this.#random = seededRandom(request.seed ?? 0);
    this.#prompt = new Set(setting.promptIds);
    this.#sampling = samplingOptions(request);
    this.#penalties = penaltiesOf(request);
  }

  /** Tokens that may still come. */
  get room(): number {
    return this.#setting.most - this.ids.length;
  }

  /** The next token by these logits; an end token ends the answer and is not taken. */
  choose(logits: Float32Array): number {
    const { constraint, endTokens } = this.#setting;
    const scores = this.#withoutRepeats(penalised(logits, this.#penalties, this.#prompt, this.#counts));
    if (constraint === undefined) return sample(scores, this.#sampling, this.#random);
    // A model that would end here has nothing to add: where it may not end yet, what is still missing is written the shortest way.
    const id = this.#chooseOf(scores, constraint.allowed(), [...endTokens]);
    if (endTokens.has(id)) return constraint.isComplete ? id : this.#chooseOf(scores, constraint.soonest(), []);
    if (constraint.fits(id, this.room)) return id;
    return this.#chooseOf(scores, constraint.allowedWithin(this.room), constraint.isComplete ? [...endTokens] : []);
  }

  /** What a constraint asks for comes before the model's own wish. */
  #withoutRepeats(scores: Float32Array): Float32Array {
    const { noRepeats, constraint } = this.#setting;
    if (noRepeats === undefined || constraint !== undefined) return scores;
    return withoutRepeats(scores, [...noRepeats.beginning, ...this.ids], noRepeats.size);
  }

  #chooseOf(scores: Float32Array, allowed: Int32Array, ends: readonly number[]): number {
    if (allowed.length > 0 || ends.length > 0) {
      return sample(masked(scores, allowed, ends), this.#sampling, this.#random);
    }
    throw localModelError('The model has no token that goes on with what the output schema wants. Leave `output` out.');
  }

  /** Takes a token that was chosen; the events that it makes. */
  *take(id: number, logits?: Float32Array): Generator<EngineEvent, void> {
    const { request, endTokens, constraint } = this.#setting;
    if (endTokens.has(id)) {
      this.reason = 'stop';
      return;
    }
    this.ids.push(id);
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
    constraint?.push(id);
    if (request.logprobs !== undefined && logits !== undefined) yield this.#probability(id, logits, request.logprobs);
    const text = this.#decoder.push(id);
    const match = this.#stops.push(this.#setting.filter?.push(text) ?? text);
    if (match.text !== '') yield { type: 'text', text: match.text };
    if (match.stopped || constraint?.isFinal === true) this.reason = 'stop';
    // An answer that is whole was not cut, whatever might have followed.
    else if (this.room <= 0) this.reason = constraint?.isComplete === true ? 'stop' : 'length';
  }

  /** What was held back because it could have become a stop text. */
  *end(): Generator<EngineEvent, void> {
    const rest = this.#stops.push(this.#setting.filter?.end() ?? '').text + this.#stops.flush();
    if (rest !== '') yield { type: 'text', text: rest };
  }

  /**
   * Tokens that must come next, so that they need not be chosen one by one. The last one of a certain text is left to the model where more
   * follows: its own token may be a longer one.
   */
  forced(): readonly number[] {
    const { constraint, tokenizer, request } = this.#setting;
    // Of what was never run for itself no probability is known.
    if (constraint === undefined || request.logprobs !== undefined) return [];
    const bytes = constraint.forced();
    if (bytes.length === 0) return [];
    const text = Buffer.from(bytes).toString('utf8');
    const ids = tokenizer.encode(text, { add_special_tokens: false }).ids;
    const certain = ids.slice(0, Math.min(mostForced, Math.max(0, ids.length - 1)));
    const accepted = certain.slice(0, constraint.accepts(certain));
    return accepted.length < this.room ? accepted : [];
  }

  #probability(id: number, logits: Float32Array, count: number): EngineEvent {
    const { chosen, top } = logprobsOf(logits, id, count);
    return { type: 'token', ...this.#named(chosen), top: top.map((entry) => this.#named(entry)) };
  }

  #named(entry: { readonly id: number; readonly logprob: number }): TokenProbability {
    return { ...entry, token: this.#setting.tokenizer.id_to_token(entry.id) ?? '' };
  }
}

/** Logits of the allowed tokens; all others are impossible. */
function masked(logits: Float32Array, allowed: Int32Array, ends: readonly number[]): Float32Array {
  const result = new Float32Array(logits.length).fill(-Infinity);
  for (const id of allowed) if (id < logits.length) result[id] = logits[id] ?? 0;
  for (const id of ends) if (id < logits.length) result[id] = logits[id] ?? 0;
  return result;
}
