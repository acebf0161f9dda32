/** Aligns a transcript with its truth and says what was put in, left out and changed: a plain distance cannot tell invention from error. */

/** The edits that turn the truth into the transcript. */
export interface Alignment {
  readonly substitutions: number;
  /** Of the truth, missing in the transcript. */
  readonly deletions: number;
  /** In the transcript, not in the truth. */
  readonly insertions: number;
  /** Units of the truth. */
  readonly referenceLength: number;
  /** The longest run of units put in one after another. */
  readonly longestInsertion: number;
  /** True where the transcript was so long that its end was counted as put in without being aligned. */
  readonly cut: boolean;
}

/** Cells of the table: about 60 ms of work and 16 MB. */
const maxCells = 16_000_000;

/**
 * The fewest edits between two lists of units, told apart by tracing the table back (Levenshtein 1966; Wagner and Fischer 1974).
 * Of alignments of equal cost the one with changes before insertions is taken.
 *
 * @example
 * alignUnits([...'kitten'], [...'sitting']); // 2 substitutions, 1 insertion
 */
export function alignUnits(reference: readonly string[], transcript: readonly string[]): Alignment {
  const rows = reference.length + 1;
  const room = Math.max(reference.length, Math.floor(maxCells / rows) - 1);
  const tail = Math.max(0, transcript.length - room);
  const [truth, said] = coded(reference, tail > 0 ? transcript.slice(0, room) : transcript);
  const steps = fill(truth, said);
  return trace(truth, said, steps, tail);
}

/** Units as small integers, so that comparing is cheap. */
function coded(one: readonly string[], other: readonly string[]): [Int32Array, Int32Array] {
  const codes = new Map<string, number>();
  const code = (unit: string): number => {
    const known = codes.get(unit);
    if (known !== undefined) return known;
    codes.set(unit, codes.size);
    return codes.size - 1;
  };
  return [Int32Array.from(one, code), Int32Array.from(other, code)];
}

// Steps; 0, which the table is filled with, is a unit that both have.
const changed = 1;
const left = 2;
const put = 3;

/** For each cell the step that led to it. */
function fill(truth: Int32Array, said: Int32Array): Uint8Array {
  const width = said.length + 1;
  const steps = new Uint8Array((truth.length + 1) * width);
  steps.fill(put, 0, width);
  let above = Int32Array.from({ length: width }, (_, column) => column);
  let row = new Int32Array(width);
  for (let i = 1; i <= truth.length; i++) {
    const unit = truth[i - 1] as number;
    const base = i * width;
    row[0] = i;
    steps[base] = left;
    let before = i;
    for (let j = 1; j < width; j++) {
      const diagonal = above[j - 1] as number;
      if (unit === (said[j - 1] as number)) {
        before = diagonal;
      } else {
        const up = above[j] as number;
        let best = diagonal;
        let step = changed;
        if (up < best) {
          best = up;
          step = left;
        }
        if (before < best) {
          best = before;
          step = put;
        }
        steps[base + j] = step;
        before = best + 1;
      }
      row[j] = before;
    }
    [above, row] = [row, above];
  }
  return steps;
}

function trace(truth: Int32Array, said: Int32Array, steps: Uint8Array, tail: number): Alignment {
  const width = said.length + 1;
  const counts = [0, 0, 0, 0];
  let longest = tail;
  let run = tail;
  let i = truth.length;
  let j = said.length;
  while (i > 0 || j > 0) {
    const step = steps[i * width + j] as number;
    counts[step] = (counts[step] ?? 0) + 1;
    run = step === put ? run + 1 : 0;
    longest = Math.max(longest, run);
    if (step !== put) i--;
    if (step !== left) j--;
  }
  return {
    substitutions: counts[changed] ?? 0,
    deletions: counts[left] ?? 0,
    insertions: (counts[put] ?? 0) + tail,
    referenceLength: truth.length,
    longestInsertion: longest,
    cut: tail > 0,
  };
}

/** All edits of an alignment. */
export function editCount({ substitutions, deletions, insertions }: Alignment): number {
  return substitutions + deletions + insertions;
}
