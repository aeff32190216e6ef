/** Masks made on the host, for looking: the same three shapes as training draws on the device. */
import { philoxUniforms } from '../../engine/philox';
import { bayerOrder, blockKey } from '../../engine/reference/maskKeys';

/**
 * Which patches are hidden (1) of a grid×grid image at a mask ratio. A larger ratio hides all that a smaller one hid: moving the
 * slider adds holes and does not shuffle them.
 */
export function hiddenPatches(
  grid: number,
  ratio: number,
  shape: 'random' | 'block' | 'grid',
  seed: number,
  image: number,
): Float32Array {
  const count = grid * grid;
  const keep = Math.max(1, Math.floor(count * (1 - ratio) + 1e-9));
  const keys = keysFor(grid, shape, seed, image);
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  const hidden = new Float32Array(count).fill(1);
  for (const i of order.slice(0, keep)) hidden[i] = 0;
  return hidden;
}

function keysFor(grid: number, shape: 'random' | 'block' | 'grid', seed: number, image: number): Float32Array {
  const u = philoxUniforms(grid * grid + 3, seed, `look ${shape} ${image}`);
  if (shape === 'random') return u.subarray(0, grid * grid);
  const [a = 0, b = 0, c = 0] = u.subarray(grid * grid);
  const place = (x: number, y: number) =>
    shape === 'block' ? blockKey(x, y, grid, [a, b, c]) : bayerOrder(x, y) / 256;
  return Float32Array.from(
    { length: grid * grid },
    (_, i) => place(i % grid, Math.floor(i / grid)) + 1e-4 * (u[i] ?? 0),
  );
}

/** A drawn mask from its hexadecimal text: 1 = hidden, row by row; what the text does not reach is visible. */
export function drawnHidden(text: string, patches: number): Float32Array {
  return Float32Array.from({ length: patches }, (_, i) => {
    const digit = parseInt(text[i >> 2] ?? '0', 16);
    return (digit >> (3 - (i & 3))) & 1;
  });
}

/** The text of a drawn mask; "0" where nothing is hidden, so that no text at all means that nothing was drawn yet. */
export function drawnText(hidden: ArrayLike<number>): string {
  let text = '';
  for (let i = 0; i < hidden.length; i += 4) {
    const digit = [0, 1, 2, 3].reduce((d, k) => d * 2 + (hidden[i + k] ? 1 : 0), 0);
    text += digit.toString(16);
  }
  return text.replace(/0+$/, '') || '0';
}
