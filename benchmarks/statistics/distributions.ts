/** The distributions that intervals and tests are read off: normal, beta, Student's t and binomial. */

import { incompleteBeta, logGamma, upperGammaHalf } from './special-functions.js';

/**
 * The standard normal distribution function.
 *
 * @example
 * normalCdf(1.96); // 0.975
 */
export function normalCdf(z: number): number {
  const tail = 0.5 * upperGammaHalf((z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/** Highest power first, for Horner's rule. */
type Polynomial = readonly number[];

// Coefficients of Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988).
const centreTop: Polynomial = [
  2_509.080_928_730_122_7, 33_430.575_583_588_13, 67_265.770_927_008_7, 45_921.953_931_549_87, 13_731.693_765_509_46,
  1_971.590_950_306_551_3, 133.141_667_891_784_38, 3.387_132_872_796_366_5,
];
const centreBottom: Polynomial = [
  5_226.495_278_852_854, 28_729.085_735_721_943, 39_307.895_800_092_71, 21_213.794_301_586_597, 5_394.196_021_424_751,
  687.187_007_492_057_9, 42.313_330_701_600_91, 1,
];
const middleTop: Polynomial = [
  0.000_774_545_014_278_341_4, 0.022_723_844_989_269_184, 0.241_780_725_177_450_6, 1.270_458_252_452_368_4,
  3.647_848_324_763_204_5, 5.769_497_221_460_691, 4.630_337_846_156_546, 1.423_437_110_749_683_5,
];
const middleBottom: Polynomial = [
  1.050_750_071_644_416_9e-9, 0.000_547_593_808_499_534_5, 0.015_198_666_563_616_457, 0.148_103_976_427_480_08,
  0.689_767_334_985_1, 1.676_384_830_183_803_8, 2.053_191_626_637_759, 1,
];
const tailTop: Polynomial = [
  2.010_334_399_292_288_1e-7, 0.000_027_115_555_687_434_876, 0.001_242_660_947_388_078_4, 0.026_532_189_526_576_124,
  0.296_560_571_828_504_87, 1.784_826_539_917_291_3, 5.463_784_911_164_114, 6.657_904_643_501_103,
];
const tailBottom: Polynomial = [
  2.044_263_103_389_939_7e-15, 1.421_511_758_316_446e-7, 0.000_018_463_183_175_100_548, 0.000_786_869_131_145_613_3,
  0.014_875_361_290_850_615, 0.136_929_880_922_735_8, 0.599_832_206_555_888, 1,
];

function evaluate(polynomial: Polynomial, at: number): number {
  let value = 0;
  for (const coefficient of polynomial) value = value * at + coefficient;
  return value;
}

/**
 * The standard normal quantile: the z below which a share `probability` lies (Wichura 1988, about 1e-16 relative).
 *
 * @param probability 0 gives minus infinity, 1 infinity
 * @example
 * normalQuantile(0.975); // 1.959964
 */
export function normalQuantile(probability: number): number {
  const centred = probability - 0.5;
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180_625 - centred * centred;
    return (centred * evaluate(centreTop, r)) / evaluate(centreBottom, r);
  }
  const smaller = Math.min(probability, 1 - probability);
  if (!(smaller > 0)) return smaller === 0 ? Math.sign(centred) * Infinity : Number.NaN;
  const r = Math.sqrt(-Math.log(smaller));
  const size =
    r <= 5
      ? evaluate(middleTop, r - 1.6) / evaluate(middleBottom, r - 1.6)
      : evaluate(tailTop, r - 5) / evaluate(tailBottom, r - 5);
  return Math.sign(centred) * size;
}

/**
 * The quantile of a beta distribution, by Newton steps kept inside a bracket that halves.
 *
 * @example
 * betaQuantile(0.5, 2, 2); // 0.5
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  if (probability <= 0) return 0;
  if (probability >= 1) return 1;
  const logScale = logGamma(a + b) - logGamma(a) - logGamma(b);
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let step = 0; step < 200; step++) {
    const error = incompleteBeta(x, a, b) - probability;
    if (error > 0) high = x;
    else low = x;
    const density = Math.exp(logScale + (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x));
    const newton = x - error / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-16 + 1e-15 * x) return next;
    x = next;
  }
  return x;
}

/**
 * The quantile of Student's t, through the beta distribution (DLMF 8.17; `degrees` need not be whole).
 *
 * @example
 * studentQuantile(0.975, 29); // 2.045
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (degrees === Infinity) return normalQuantile(probability);
  if (probability === 0.5) return 0;
  const tail = Math.min(probability, 1 - probability);
  const x = betaQuantile(2 * tail, degrees / 2, 0.5);
  return Math.sign(probability - 0.5) * Math.sqrt((degrees * (1 - x)) / x);
}

/**
 * The chance of at most `successes` in `trials` of chance `probability` each.
 *
 * @example
 * binomialCdf(1, 2, 0.5); // 0.75
 */
export function binomialCdf(successes: number, trials: number, probability: number): number {
  if (successes < 0) return 0;
  if (successes >= trials) return 1;
  return incompleteBeta(1 - probability, trials - successes, successes + 1);
}
