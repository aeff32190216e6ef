/** Colours of points and cells, three numbers in 0…1 each: by category, by heat, by sign, by direction. */

type Rgb = readonly [number, number, number];

const rgb = (hex: number): Rgb => [(hex >> 16) / 255, ((hex >> 8) & 255) / 255, (hex & 255) / 255];

/** Okabe–Ito without its black, then shades of them: more categories than eight cannot all be told apart, which legends make up for. */
const CATEGORIES: readonly Rgb[] = [
  ...[0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7, 0xd55e00, 0x56b4e9, 0xb8a800, 0x8a8a8a],
  ...[0x7a4fb5, 0x8c5a2b, 0x66c2a5, 0xe78ac3, 0xa6761d, 0x3b5ba9, 0xa3c644, 0x5f6b73],
  ...[0xb03060, 0x1fa3a3, 0xf28e6b, 0x4f7942, 0x9a86d6, 0xc7a17a, 0x2f4f6f, 0xd9b3e6],
].map(rgb);

/** Viridis (Smith, van der Walt), nine of its colours. */
const VIRIDIS: readonly Rgb[] = [
  0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725,
].map(rgb);

/** Ends and middle of a diverging map (ColorBrewer's RdBu): neither amber nor teal, which mean hidden and predicted. */
const [NEGATIVE, NEUTRAL, POSITIVE] = [0x2166ac, 0xf7f7f7, 0xb2182b].map(rgb) as [Rgb, Rgb, Rgb];

/** What is not looked at. */
const QUIET: Rgb = [0.62, 0.62, 0.64];

const AMBER = rgb(0xe08a1e);
const TEAL = rgb(0x12998c);
const RED = rgb(0xd0342c);
const ACCENT = rgb(0x5b78f6);
export const TONES = { hidden: AMBER, predicted: TEAL, wrong: RED, accent: ACCENT, quiet: QUIET } as const;
export type PointTone = keyof typeof TONES;

/** One colour for all of `count` points. */
export function evenColours(count: number, tone: PointTone): Float32Array {
  return coloursBy(count, () => TONES[tone]);
}

export function coloursBy(count: number, colour: (i: number) => Rgb): Float32Array {
  const out = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const [r, g, b] = colour(i);
    out[3 * i] = r;
    out[3 * i + 1] = g;
    out[3 * i + 2] = b;
  }
  return out;
}

export function categoryColour(category: number): Rgb {
  return CATEGORIES[((category % CATEGORIES.length) + CATEGORIES.length) % CATEGORIES.length] ?? QUIET;
}

/** The same colour for style sheets. */
export function categoryCss(category: number): string {
  return `rgb(${categoryColour(category)
    .map((v) => Math.round(255 * v))
    .join(' ')})`;
}

/** No category. */
const NOTHING = 255;

/** By category; with `only` all others are grey, as is what has none. */
export function categoryColours(categories: ArrayLike<number>, only?: number): Float32Array {
  return coloursBy(categories.length, (i) => {
    const category = categories[i] ?? 0;
    return category >= NOTHING || (only !== undefined && category !== only) ? QUIET : categoryColour(category);
  });
}

function between(low: Rgb, high: Rgb, part: number): Rgb {
  const mix = (c: 0 | 1 | 2) => low[c] + part * (high[c] - low[c]);
  return [mix(0), mix(1), mix(2)];
}

export function heatColour(value: number): Rgb {
  const at = Math.min(1, Math.max(0, value)) * (VIRIDIS.length - 1);
  return between(VIRIDIS[Math.floor(at)] ?? QUIET, VIRIDIS[Math.ceil(at)] ?? QUIET, at - Math.floor(at));
}

/** −1 blue, 0 neutral, 1 red. */
export function signedColour(value: number): Rgb {
  return between(NEUTRAL, value < 0 ? NEGATIVE : POSITIVE, Math.min(1, Math.abs(value)));
}

/**
 * Signed pictures [count, C, S, S] on one scale, the largest magnitude of all, as pixels [count, 3, S, S] in 0…1: one channel in the
 * diverging map; of three channels each about middle grey, for they are colours themselves.
 */
export function signedPixels(values: ArrayLike<number>, count: number, channels: number): Float32Array {
  const plane = values.length / (count * channels);
  let most = 1e-9;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  const out = new Float32Array(3 * count * plane);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < plane; i++) {
      const at = (c: number) => (values[(n * channels + c) * plane + i] ?? 0) / most;
      const colour =
        channels === 1 ? signedColour(at(0)) : [0, 1, 2].map((c) => 0.5 + at(Math.min(c, channels - 1)) / 2);
      for (let c = 0; c < 3; c++) out[(3 * n + c) * plane + i] = colour[c] ?? 0;
    }
  }
  return out;
}

/** From the least value (dark) to the greatest (bright); one colour where all are equal. */
export function heatColours(values: ArrayLike<number>): Float32Array {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const v = values[i] ?? NaN;
    if (v < least) least = v;
    if (v > most) most = v;
  }
  const spread = most > least ? most - least : 1;
  return coloursBy(values.length, (i) => heatColour(((values[i] ?? 0) - least) / spread));
}

/** Unit vectors [n, 3]: each axis a colour; grey where there is none. */
export function normalColours(normals: Float32Array): Float32Array {
  return coloursBy(normals.length / 3, (i) => {
    const [x = 0, y = 0, z = 0] = normals.subarray(3 * i, 3 * i + 3);
    return x === 0 && y === 0 && z === 0 ? QUIET : [0.5 + 0.42 * x, 0.5 + 0.42 * y, 0.5 + 0.42 * z];
  });
}

/** Teal where two lists agree, red where they do not. */
export function agreementColours(one: ArrayLike<number>, other: ArrayLike<number>): Float32Array {
  return coloursBy(one.length, (i) => (one[i] === other[i] ? TEAL : RED));
}
