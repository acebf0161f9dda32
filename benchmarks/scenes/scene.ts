/** The plain description of a picture: what lies where, in which art, how degraded; any renderer can draw it. */

import { createHash } from 'node:crypto';

/** Raised when the meaning of a field changes; readers refuse versions they do not know. */
export const sceneVersion = 1;

/** `#rrggbb`, lower case. */
export type Colour = string;

/** Integer pixels from the picture's top left corner: x to the right, y downwards. */
export type Point = readonly [x: number, y: number];

/** Who drew the objects. Noto is for testing only. */
export type ArtStyle = 'fluent-3d' | 'twemoji' | 'fxemoji' | 'noto';

/** What is done to a sprite for variety; none of them changes what the object is. */
export type Treatment = 'none' | 'outline' | 'posterise' | 'warm' | 'cool';

export type ShapeName =
  'circle' | 'square' | 'triangle' | 'star' | 'cross' | 'heart' | 'diamond' | 'pentagon' | 'hexagon' | 'crescent';

/** `decor` is never asked about: panels, grid lines, other text. */
export type Role = 'target' | 'distractor' | 'decor';

interface ElementBase {
  /** Unique in the scene. */
  readonly id: string;
  readonly role: Role;
  /** What a question may call it, in the singular: "red circle", "dog". Empty for decor. */
  readonly name: string;
}

/** A shape of `shapeOutlines`, centred on (x, y), `size` pixels across, turned clockwise by `rotation` degrees. */
export interface ShapeElement extends ElementBase {
  readonly kind: 'shape';
  readonly shape: ShapeName;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly rotation: number;
  readonly fill: Colour | null;
  readonly stroke: Colour | null;
  /** Pixels; half lies outside the outline. 0 where `stroke` is null. */
  readonly strokeWidth: number;
}

/**
 * A sprite. Its opaque part is cropped to its bounding box, scaled so that the longer side is `size` pixels and centred
 * on (x, y); then mirrored if `flip`, then turned clockwise by `rotation` degrees.
 */
export interface ObjectElement extends ElementBase {
  readonly kind: 'object';
  /** Class name, see `objectClasses`. */
  readonly object: string;
  readonly style: ArtStyle;
  readonly treatment: Treatment;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly rotation: number;
  readonly flip: boolean;
}

/** One line of text on the baseline y, in the family's regular weight. */
export interface TextElement extends ElementBase {
  readonly kind: 'text';
  readonly text: string;
  /** Family name of `fontFamilies`. */
  readonly font: string;
  /** Pixels per em. */
  readonly size: number;
  readonly x: number;
  /** The baseline. */
  readonly y: number;
  readonly align: 'left' | 'center' | 'right';
  readonly colour: Colour;
}

/** An open line through its points, round caps and joins. */
export interface LineElement extends ElementBase {
  readonly kind: 'line';
  readonly points: readonly Point[];
  readonly colour: Colour;
  readonly width: number;
}

/** A closed polygon in absolute pixels. */
export interface PolygonElement extends ElementBase {
  readonly kind: 'polygon';
  readonly points: readonly Point[];
  readonly fill: Colour | null;
  readonly stroke: Colour | null;
  readonly strokeWidth: number;
}

/** An upright rectangle; (x, y) is its top left corner. */
export interface RectangleElement extends ElementBase {
  readonly kind: 'rectangle';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: Colour | null;
  readonly stroke: Colour | null;
  readonly strokeWidth: number;
}

/** A slice of a pie: from `start` to `end`, tenths of a degree clockwise from the top. */
export interface SectorElement extends ElementBase {
  readonly kind: 'sector';
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly start: number;
  readonly end: number;
  readonly fill: Colour;
  readonly stroke: Colour | null;
  readonly strokeWidth: number;
}

export type SceneElement =
  ShapeElement | ObjectElement | TextElement | LineElement | PolygonElement | RectangleElement | SectorElement;

export type Background =
  | { readonly kind: 'plain'; readonly colour: Colour }
  | { readonly kind: 'gradient'; readonly from: Colour; readonly to: Colour; readonly direction: 'down' | 'right' }
  /** Squares of `cell` pixels, `from` in the top left corner, alternating. */
  | { readonly kind: 'checks'; readonly from: Colour; readonly to: Colour; readonly cell: number }
  /** Horizontal bands of `cell` pixels, `from` first. */
  | { readonly kind: 'stripes'; readonly from: Colour; readonly to: Colour; readonly cell: number };

/** Applied in this order; the first while drawing, the others to the finished pixels. */
export interface Degradations {
  /** Tenths of a degree clockwise about the picture's centre; corners keep the background. 0 leaves it. */
  readonly rotation: number;
  /** Percent of the distance from mid grey that is left. 100 leaves it. */
  readonly contrast: number;
  /** Gaussian sigma in tenths of a pixel. 0 leaves it. */
  readonly blur: number;
  /** Standard deviation of the grey noise in levels of 255. 0 leaves it. */
  readonly noise: number;
  /** JPEG quality 1-100, or null for none. */
  readonly jpeg: number | null;
}

/** A picture before it is drawn. Elements are drawn in order, later ones over earlier ones. */
export interface Scene {
  readonly version: typeof sceneVersion;
  /** `counting@1`: name and version of the generator. */
  readonly generator: string;
  readonly width: number;
  readonly height: number;
  readonly background: Background;
  readonly elements: readonly SceneElement[];
  readonly degradations: Degradations;
}

export const noDegradations: Degradations = { rotation: 0, contrast: 100, blur: 0, noise: 0, jpeg: null };

/** JSON with sorted keys and no white space: the same text for the same scene, whoever built it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}

/**
 * The scene's name: the first 32 hexadecimal digits of the SHA-256 of its canonical JSON.
 *
 * @example
 * sceneHash(items[0].scene); // '5f0c…'
 */
export function sceneHash(scene: Scene): string {
  return createHash('sha256').update(canonicalJson(scene)).digest('hex').slice(0, 32);
}
