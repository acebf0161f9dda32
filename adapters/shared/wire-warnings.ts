/** Collects what a `to-wire.ts` has to tell the caller, so that every adapter says the same thing in the same words. */

import type { ProviderData, Warning } from '../../src/request/index.js';

/** One request's warnings; opaque data of other providers is reported once, however many parts carried it. */
export class WireWarnings {
  readonly #provider: string;
  readonly #warnings: Warning[] = [];
  readonly #foreign = new Set<string>();
  #foreignParts = 0;
  #firstForeign = '';

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** An option was left out because the target does not take it. */
  unsupported(option: string, message: string): void {
    this.#warnings.push({ type: 'unsupported-option', subject: option, message });
  }

  /** The target has no place for the caller's own notes. */
  noMetadata(metadata: Readonly<Record<string, string>> | undefined, target: string): void {
    if (Object.keys(metadata ?? {}).length === 0) return;
    this.unsupported('metadata', `${target} has no place for metadata: it was left out.`);
  }

  /** Something was changed to what the target takes. */
  adjusted(subject: string, message: string): void {
    this.#warnings.push({ type: 'adjusted-option', subject, message });
  }

  /** A medium went to another place than the caller gave it. */
  moved(subject: string, message: string): void {
    this.#warnings.push({ type: 'moved-media', subject, message });
  }

  /** Notes that what other providers attached to a part stays behind; the part itself may still go out. */
  checkProviderData(data: ProviderData | undefined, subject: string): void {
    const others = Object.keys(data ?? {}).filter((provider) => provider !== this.#provider);
    if (others.length > 0) this.dropped(others, subject);
  }

  /** Notes that a part, or what belonged to it, was left out because other providers made it. */
  dropped(providers: readonly string[], subject: string): void {
    if (this.#foreignParts === 0) this.#firstForeign = subject;
    this.#foreignParts += 1;
    for (const provider of providers) this.#foreign.add(provider);
  }

  /** All warnings in order; the one about foreign data comes last. */
  list(): readonly Warning[] {
    if (this.#foreignParts === 0) return this.#warnings;
    const whose = this.#foreign.size === 0 ? 'another model' : [...this.#foreign].toSorted().join(', ');
    const more = this.#foreignParts === 1 ? '' : ` and of ${this.#foreignParts - 1} more`;
    return [
      ...this.#warnings,
      {
        type: 'dropped-provider-data',
        subject: this.#firstForeign,
        message: `Reasoning or signatures of ${this.#firstForeign}${more} were left out: they belong to ${whose} and mean nothing to ${this.#provider}.`,
      },
    ];
  }
}
