/** Finds the names a person may have meant, for messages about unknown options, models and commands. */

/**
 * The closest names by edit distance, best first.
 *
 * @param maxDistance names further away than this are left out; default: a third of the longer word, at least 2
 */
export function nearestNames(name: string, known: readonly string[], count = 3, maxDistance?: number): string[] {
  return known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, distance }) =>
        distance <= (maxDistance ?? Math.max(2, Math.floor(Math.max(name.length, candidate.length) / 3))),
    )
    .sort((left, right) => left.distance - right.distance || (left.candidate < right.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** Levenshtein distance over UTF-16 units; both texts are names, so short. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** ` Did you mean "a" or "b"?`, or nothing when no name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const names = nearestNames(name, known).map((near) => `"${near}"`);
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`;
}
