/** A shipped detector without WebGPU: the whole of it, proposals and suppression among it, is in its file. */
import type { ModelArray, RunningModel } from '../../models/session';
import type { Box } from '../../train/evaluation/averagePrecision';
import type { ShownRegions } from './views/types';

/** Outputs that a file has, whichever its method. */
export const WHOLE = ['regions', 'probabilities', 'boxes'] as const;

/** Planes [3, S, S] of bytes as the network takes them: (v/255 − ½) · 4. */
export function imageInput(pixels: Uint8Array, size: number): ModelArray {
  if (pixels.length !== 3 * size ** 2)
    throw new Error(`picture: it holds ${pixels.length} bytes; give planes [3, ${size}, ${size}]`);
  return { shape: [1, 3, size, size], data: Float32Array.from(pixels, (v) => (v / 255 - 0.5) * 4) };
}

/** Regions of one picture and what the head says of each. Throws where the file lacks an output: older ones of R-FCN ended with its maps. */
export async function detectOnnx(model: RunningModel, pixels: Uint8Array, size: number): Promise<ShownRegions> {
  const out = await model.run({ image: imageInput(pixels, size) });
  return regionsFrom(out);
}

/** Places that no proposal filled, of no area, are left out. */
export function regionsFrom(out: Readonly<Record<string, ModelArray>>): ShownRegions {
  const [regions, probabilities, boxes] = WHOLE.map((name) => {
    const found = out[name];
    if (!found) throw new Error(`model: it has no output "${name}"; it has ${Object.keys(out).join(', ')}`);
    return found;
  }) as [ModelArray, ModelArray, ModelArray];
  const count = regions.shape[0] ?? 0;
  const wide = probabilities.shape[1] ?? 1;
  const boxAt = ({ data }: ModelArray, i: number): Box => {
    const at = (k: number) => Number(data[4 * i + k] ?? 0);
    return [at(0), at(1), at(2), at(3)];
  };
  const there = Array.from({ length: count }, (_, i) => i).filter((i) => {
    const [x1, y1, x2, y2] = boxAt(regions, i);
    return x2 > x1 && y2 > y1;
  });
  return {
    regions: there.map((i) => boxAt(regions, i)),
    probabilities: there.map((i) =>
      Float32Array.from({ length: wide }, (_, k) => Number(probabilities.data[i * wide + k] ?? 0)),
    ),
    boxes: there.map((i) => boxAt(boxes, i)),
  };
}
