/** Chooses one option for every picture so that the scores add up to the most within a limit on cost. */

export interface CostAndScore {
  readonly cost: number;
  readonly score: number;
}

/** Up to this many pictures every combination is looked at, in classes of nearly equal cost; above, the steepest gains win. */
const exactPictures = 12;
/** Classes of cost: a budget of up to as many tokens is searched without any rounding. */
const classes = 16_384;

/**
 * @param options for each picture, with rising cost and rising score
 * @returns the chosen option of each picture; `undefined` when even the cheapest are over the limit
 */
export function chooseOptions(options: readonly (readonly CostAndScore[])[], limit: number): number[] | undefined {
  const cheapest = options.map(() => 0);
  const allowed = limit * (1 + 1e-12);
  if (costOf(options, cheapest) > allowed) return undefined;
  const steepest = fillUp(options, climb(options, allowed), allowed);
  // For one picture the last step has already taken its best option within the limit.
  if (options.length > exactPictures || options.length === 1) return steepest;
  const combined = combine(options, allowed);
  return combined !== undefined && scoreOf(options, combined) > scoreOf(options, steepest) ? combined : steepest;
}

interface Step {
  readonly picture: number;
  readonly to: number;
  readonly cost: number;
  readonly slope: number;
}

/** Takes the steps with the most gain for their cost, along the upper hull of each picture's options. */
function climb(options: readonly (readonly CostAndScore[])[], limit: number): number[] {
  const chosen = options.map(() => 0);
  const steps = options.flatMap((ofPicture, picture) => hullSteps(ofPicture, picture));
  steps.sort((first, second) => second.slope - first.slope);
  let cost = costOf(options, chosen);
  const stopped = new Set<number>();
  for (const step of steps) {
    if (stopped.has(step.picture)) continue;
    if (cost + step.cost > limit) {
      stopped.add(step.picture);
      continue;
    }
    cost += step.cost;
    chosen[step.picture] = step.to;
  }
  return chosen;
}

/** From each option the step with the steepest slope; slopes fall along the way. */
function hullSteps(options: readonly CostAndScore[], picture: number): Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < options.length - 1) {
    const from = options[at];
    let best: Step | undefined;
    for (let to = at + 1; to < options.length; to += 1) {
      const target = options[to];
      if (from === undefined || target === undefined) continue;
      const cost = target.cost - from.cost;
      const slope = cost === 0 ? Infinity : (target.score - from.score) / cost;
      if (best === undefined || slope >= best.slope) best = { picture, to, cost, slope };
    }
    if (best === undefined) break;
    steps.push(best);
    at = best.to;
  }
  return steps;
}

/** Spends what is left on the single change that gains most, as long as there is one. */
function fillUp(options: readonly (readonly CostAndScore[])[], start: readonly number[], limit: number): number[] {
  const chosen = [...start];
  let cost = costOf(options, chosen);
  for (;;) {
    let best: { picture: number; to: number; gain: number; cost: number } | undefined;
    options.forEach((ofPicture, picture) => {
      const from = chosen[picture] ?? 0;
      const current = ofPicture[from];
      for (let to = ofPicture.length - 1; to > from; to -= 1) {
        const target = ofPicture[to];
        if (current === undefined || target === undefined || cost + target.cost - current.cost > limit) continue;
        const gain = target.score - current.score;
        if (best === undefined || gain > best.gain) best = { picture, to, gain, cost: target.cost - current.cost };
        break;
      }
    });
    if (best === undefined) return chosen;
    chosen[best.picture] = best.to;
    cost += best.cost;
  }
}

/** Goes through the pictures and keeps, for every class of cost, the best sum of scores that has it. */
function combine(options: readonly (readonly CostAndScore[])[], limit: number): number[] | undefined {
  const isWhole =
    limit <= classes && options.every((ofPicture) => ofPicture.every(({ cost }) => Number.isInteger(cost)));
  const size = isWhole ? Math.floor(limit) + 1 : classes + 2;
  const classOf = (cost: number): number => (isWhole ? cost : Math.min(size - 1, Math.floor((cost / limit) * classes)));
  let scores = new Float64Array(size).fill(-Infinity);
  let costs = new Float64Array(size);
  scores[0] = 0;
  const trails: { readonly from: Int32Array; readonly choice: Int32Array }[] = [];
  for (const ofPicture of options) {
    const nextScores = new Float64Array(size).fill(-Infinity);
    const nextCosts = new Float64Array(size);
    const trail = { from: new Int32Array(size), choice: new Int32Array(size) };
    for (let at = 0; at < size; at += 1) {
      const score = scores[at] ?? -Infinity;
      if (score === -Infinity) continue;
      for (let index = 0; index < ofPicture.length; index += 1) {
        const option = ofPicture[index];
        if (option === undefined) continue;
        const cost = (costs[at] ?? 0) + option.cost;
        if (cost > limit) break;
        const to = classOf(cost);
        if (score + option.score <= (nextScores[to] ?? -Infinity)) continue;
        nextScores[to] = score + option.score;
        nextCosts[to] = cost;
        trail.from[to] = at;
        trail.choice[to] = index;
      }
    }
    [scores, costs] = [nextScores, nextCosts];
    trails.push(trail);
  }
  return walkBack(scores, trails);
}

function walkBack(
  scores: Float64Array,
  trails: readonly { readonly from: Int32Array; readonly choice: Int32Array }[],
): number[] | undefined {
  let at = 0;
  scores.forEach((score, index) => {
    if (score > (scores[at] ?? -Infinity)) at = index;
  });
  if (scores[at] === -Infinity) return undefined;
  const chosen: number[] = [];
  for (const trail of trails.toReversed()) {
    chosen.unshift(trail.choice[at] ?? 0);
    at = trail.from[at] ?? 0;
  }
  return chosen;
}

function costOf(options: readonly (readonly CostAndScore[])[], chosen: readonly number[]): number {
  return options.reduce((sum, ofPicture, picture) => sum + (ofPicture[chosen[picture] ?? 0]?.cost ?? 0), 0);
}

function scoreOf(options: readonly (readonly CostAndScore[])[], chosen: readonly number[]): number {
  return options.reduce((sum, ofPicture, picture) => sum + (ofPicture[chosen[picture] ?? 0]?.score ?? 0), 0);
}
