/** Tells whether an ICC profile means sRGB, so that a picture with one need not be converted. */

// The primaries of IEC 61966-2-1 adapted to D50, as in the profiles of hp, Google and the ICC.
const primaries: Readonly<Record<string, readonly [number, number, number]>> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
};
const primaryTolerance = 0.004;
/** What sRGB makes of half the largest value; a plain gamma of 2.2 makes 0.2176. */
const middle = 0.214;
const middleTolerance = 0.008;
const greyTolerance = 0.03;

/**
 * By primaries and tone curves rather than by name, since names are free text. Profiles made of tables count as foreign: converting
 * one that was sRGB after all changes nothing that can be seen. Layout: ICC.1:2022, sections 7 and 10.
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const view = Buffer.from(profile.buffer, profile.byteOffset, profile.byteLength);
  if (view.length < 132) return false;
  const space = view.toString('latin1', 16, 20);
  if (space === 'GRAY') return isNear(middleOf(view, 'kTRC'), middle, greyTolerance);
  if (space !== 'RGB ' || tagAt(view, 'A2B0') !== undefined) return false;
  const hasPrimaries = Object.entries(primaries).every(([name, expected]) => {
    const found = xyzOf(view, name);
    return found !== undefined && expected.every((value, index) => isNear(found[index], value, primaryTolerance));
  });
  return (
    hasPrimaries && ['rTRC', 'gTRC', 'bTRC'].every((name) => isNear(middleOf(view, name), middle, middleTolerance))
  );
}

function isNear(value: number | undefined, expected: number, tolerance: number): boolean {
  return value !== undefined && Math.abs(value - expected) <= tolerance;
}

/** Where a tag's data begin, with at least 20 bytes behind it where it is whole. */
function tagAt(view: Buffer, name: string): number | undefined {
  const count = Math.min(view.readUInt32BE(128), 200);
  for (let index = 0; index < count; index += 1) {
    const entry = 132 + index * 12;
    if (entry + 12 > view.length) return undefined;
    if (view.toString('latin1', entry, entry + 4) === name) return view.readUInt32BE(entry + 4);
  }
  return undefined;
}

function fixed(view: Buffer, offset: number): number | undefined {
  return offset + 4 <= view.length ? view.readInt32BE(offset) / 65_536 : undefined;
}

function xyzOf(view: Buffer, name: string): (number | undefined)[] | undefined {
  const at = tagAt(view, name);
  if (at === undefined || view.toString('latin1', at, at + 4) !== 'XYZ ') return undefined;
  return [fixed(view, at + 8), fixed(view, at + 12), fixed(view, at + 16)];
}

/** What a tone curve makes of 0.5. */
function middleOf(view: Buffer, name: string): number | undefined {
  const at = tagAt(view, name);
  if (at === undefined || at + 14 > view.length) return undefined;
  const type = view.toString('latin1', at, at + 4);
  if (type === 'curv') return middleOfTable(view, at);
  if (type !== 'para') return undefined;
  const kind = view.readUInt16BE(at + 8);
  const [gamma, scale = 1, offset = 0, plus = 0] = [0, 1, 2, 3].map((index) => fixed(view, at + 12 + index * 4));
  if (gamma === undefined) return undefined;
  if (kind === 0) return 0.5 ** gamma;
  const curve = Math.max(0, scale * 0.5 + offset) ** gamma;
  if (kind === 2) return curve + plus;
  return kind === 4 ? curve + (fixed(view, at + 32) ?? 0) : curve;
}

function middleOfTable(view: Buffer, at: number): number | undefined {
  const count = view.readUInt32BE(at + 8);
  if (count === 0) return 0.5;
  if (count === 1) return 0.5 ** (view.readUInt16BE(at + 12) / 256);
  const place = at + 12 + 2 * Math.floor((count - 1) / 2);
  return place + 2 <= view.length ? view.readUInt16BE(place) / 65_535 : undefined;
}
