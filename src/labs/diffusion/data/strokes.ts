/** Drawings as strokes: polylines on a grid of 64×64, written as text that a link can hold. */
import { STROKES_TEXT } from '../../../train/control';

/** Points along a stroke, x to the right and y upwards, in −1…1. */
export type Stroke = readonly (readonly [x: number, y: number])[];

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CELLS = 64;

const digitOf = (x: number) => Math.min(CELLS - 1, Math.max(0, Math.floor(((x + 1) / 2) * CELLS)));
const placeOf = (digit: number) => ((digit + 0.5) / CELLS) * 2 - 1;

/** Points of one cell that follow each other are written once; strokes without points are left out. */
export function writeStrokes(strokes: readonly Stroke[]): string {
  return strokes
    .map((stroke) => {
      const cells = stroke.map(([x, y]) => `${ALPHABET[digitOf(x)]}${ALPHABET[digitOf(y)]}`);
      return cells.filter((cell, i) => cell !== cells[i - 1]).join('');
    })
    .filter((text) => text !== '')
    .join('.');
}

/** Throws where the text is not one that `writeStrokes` gives. */
export function readStrokes(text: string): Stroke[] {
  if (!STROKES_TEXT.test(text)) throw new Error(`drawing: "${text.slice(0, 20)}" is not a drawing; draw it again`);
  if (text === '') return [];
  return text
    .split('.')
    .map((stroke) =>
      Array.from({ length: stroke.length / 2 }, (_, i) => [
        placeOf(ALPHABET.indexOf(stroke[2 * i] ?? 'A')),
        placeOf(ALPHABET.indexOf(stroke[2 * i + 1] ?? 'A')),
      ]),
    );
}

/** Places along the strokes, `spacing` apart at most and evenly along each; a stroke of one point gives that point. */
export function alongStrokes(strokes: readonly Stroke[], spacing: number): [number, number][] {
  return strokes.flatMap((stroke) => {
    const lengths = stroke
      .slice(1)
      .map(([x, y], i) => Math.hypot(x - (stroke[i]?.[0] ?? 0), y - (stroke[i]?.[1] ?? 0)));
    const total = lengths.reduce((a, b) => a + b, 0);
    const steps = Math.ceil(total / spacing);
    return Array.from({ length: steps + 1 }, (_, i) =>
      placeAlong(stroke, lengths, steps === 0 ? 0 : (i / steps) * total),
    );
  });
}

function placeAlong(stroke: Stroke, lengths: readonly number[], distance: number): [number, number] {
  let left = distance;
  for (const [i, length] of lengths.entries()) {
    const [from, to] = [stroke[i] ?? [0, 0], stroke[i + 1] ?? [0, 0]];
    if (left <= length && length > 0) {
      const part = left / length;
      return [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
    }
    left -= length;
  }
  const [x, y] = stroke.at(-1) ?? [0, 0];
  return [x, y];
}
