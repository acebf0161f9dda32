/** The special functions under the distributions: log-gamma, the incomplete beta and the error function's kin. */

/** Lanczos' coefficients for g = 7 and nine terms (relative error below 1e-14). */
const lanczos = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 0.000_009_984_369_578_019_572,
  1.505_632_735_149_311_6e-7,
] as const;

/**
 * The logarithm of the gamma function, for a positive argument (Lanczos 1964).
 *
 * @example
 * Math.exp(logGamma(5)); // 24
 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum: number = lanczos[0];
  for (let term = 1; term < lanczos.length; term++) sum += (lanczos[term] as number) / (shifted + term);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/**
 * The regularised incomplete beta function I_x(a, b): the distribution function of a beta variable.
 * Continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions, evaluated by Lentz' method.
 *
 * @example
 * incompleteBeta(0.5, 2, 2); // 0.5
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on this side of the mean only; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const tiny = 1e-300;
/** The fraction needs about the square root of the larger parameter: this is enough for 10^7 items. */
const maxTerms = 20_000;

function betaFraction(x: number, a: number, b: number): number {
  const kept = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let upper = 1;
  let lower = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let result = lower;
  for (let m = 1; m <= maxTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    lower = 1 / kept(1 + even * lower);
    upper = kept(1 + even / upper);
    result *= lower * upper;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    lower = 1 / kept(1 + odd * lower);
    upper = kept(1 + odd / upper);
    const step = lower * upper;
    result *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return result;
}

/**
 * The upper incomplete gamma function Q(1/2, x), regularised: the chance that a squared standard normal exceeds 2x.
 * Series (DLMF 8.11.4) below 1.5, continued fraction (DLMF 8.9.2) above.
 */
export function upperGammaHalf(x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(-x + 0.5 * Math.log(x)) / Math.sqrt(Math.PI);
  if (x < 1.5) {
    let term = 2;
    let sum = term;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= x / (0.5 + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  let offset = x + 0.5;
  let upper = 1 / tiny;
  let lower = 1 / offset;
  let result = lower;
  for (let n = 1; n <= 1_000; n++) {
    const numerator = -n * (n - 0.5);
    offset += 2;
    lower = 1 / (numerator * lower + offset);
    upper = offset + numerator / upper;
    const step = lower * upper;
    result *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return front * result;
}
