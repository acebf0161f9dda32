/** Integer geometry: sines from a table and shape outlines, so that places come out the same on every machine. */

import type { Point, ShapeName } from './scene.js';

/** Sines of 0 to 90 degrees in ten-thousandths. */
// prettier-ignore
const quarter = [
  0, 175, 349, 523, 698, 872, 1045, 1219, 1392, 1564, 1736, 1908, 2079, 2250, 2419, 2588, 2756, 2924, 3090, 3256, 3420, 3584, 3746,
  3907, 4067, 4226, 4384, 4540, 4695, 4848, 5000, 5150, 5299, 5446, 5592, 5736, 5878, 6018, 6157, 6293, 6428, 6561, 6691, 6820, 6947,
  7071, 7193, 7314, 7431, 7547, 7660, 7771, 7880, 7986, 8090, 8192, 8290, 8387, 8480, 8572, 8660, 8746, 8829, 8910, 8988, 9063, 9135,
  9205, 9272, 9336, 9397, 9455, 9511, 9563, 9613, 9659, 9703, 9744, 9781, 9816, 9848, 9877, 9903, 9925, 9945, 9962, 9976, 9986, 9994,
  9998, 10000,
];

/** Sine of whole degrees in ten-thousandths. */
export function sine(degrees: number): number {
  const angle = ((degrees % 360) + 360) % 360;
  if (angle <= 90) return quarter[angle] ?? 0;
  if (angle <= 180) return quarter[180 - angle] ?? 0;
  return -sine(angle - 180);
}

/** Cosine of whole degrees in ten-thousandths. */
export function cosine(degrees: number): number {
  return sine(degrees + 90);
}

/** The point at a distance and an angle (clockwise from the right) from a centre, rounded to whole pixels. */
export function around(centre: Point, radius: number, degrees: number): Point {
  return [
    centre[0] + Math.round((radius * cosine(degrees)) / 10_000),
    centre[1] + Math.round((radius * sine(degrees)) / 10_000),
  ];
}

/** Corners of a star, its first tip at `degrees`; the notches lie at `inner` percent of the radius. */
export function starPolygon(centre: Point, radius: number, tips: number, inner: number, degrees: number): Point[] {
  return Array.from({ length: tips * 2 }, (_, corner) =>
    around(
      centre,
      corner % 2 === 0 ? radius : Math.round((radius * inner) / 100),
      degrees + Math.round((180 * corner) / tips),
    ),
  );
}

/** Half the side of the upright square that surely holds a square of `size` turned by `rotation` degrees. */
export function halfExtent(size: number, rotation: number): number {
  return Math.ceil((size * (Math.abs(sine(rotation)) + Math.abs(cosine(rotation)))) / 20_000);
}

/** Outlines in thousandths of the element's size about its centre; a circle has none. */
// prettier-ignore
export const shapeOutlines: Readonly<Record<Exclude<ShapeName, 'circle'>, readonly Point[]>> = {
  square: [[-443, -443], [443, -443], [443, 443], [-443, 443]],
  triangle: [[0, -480], [500, 386], [-500, 386]],
  star: [[0, -500], [118, -162], [476, -155], [190, 62], [294, 405], [0, 200], [-294, 405], [-190, 62], [-476, -155], [-118, -162]],
  cross: [
    [-160, -480], [160, -480], [160, -160], [480, -160], [480, 160], [160, 160], [160, 480], [-160, 480], [-160, 160], [-480, 160],
    [-480, -160], [-160, -160],
  ],
  heart: [
    [0, -226], [28, -306], [86, -374], [177, -422], [287, -428], [394, -385], [472, -302], [500, -196], [472, -85], [394, 20],
    [287, 118], [177, 208], [86, 291], [28, 362], [0, 428], [-28, 362], [-86, 291], [-177, 208], [-287, 118], [-394, 20],
    [-472, -85], [-500, -196], [-472, -302], [-394, -385], [-287, -428], [-177, -422], [-86, -374], [-28, -306],
  ],
  diamond: [[0, -500], [340, 0], [0, 500], [-340, 0]],
  pentagon: [[0, -500], [476, -155], [294, 405], [-294, 405], [-476, -155]],
  hexagon: [[0, -500], [433, -250], [433, 250], [0, 500], [-433, 250], [-433, -250]],
  crescent: [
    [250, -433], [155, -476], [52, -497], [-52, -497], [-155, -476], [-250, -433], [-335, -372], [-405, -294], [-457, -203],
    [-489, -104], [-500, 0], [-489, 104], [-457, 203], [-405, 294], [-335, 372], [-250, 433], [-155, 476], [-52, 497], [52, 497],
    [155, 476], [250, 433], [154, 422], [62, 390], [-20, 339], [-89, 270], [-140, 188], [-172, 96], [-183, 0], [-172, -96],
    [-140, -188], [-89, -270], [-20, -339], [62, -390], [154, -422],
  ],
};
