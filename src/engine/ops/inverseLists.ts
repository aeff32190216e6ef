import { defineOp, type Kernel, type KernelArgs } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

/** Bits of a digit. */
const BITS = 4;
const MOST_CHUNKS = 2048;

/** indices u32 [B, P] → order u32 [B, P], starts u32 [B, rows + 1]. */
export const inverseListsOp = defineOp<{ readonly rows: number }>({
  name: 'inverseLists',
  infer: (inputs, { rows }) => {
    const [indices] = inputs;
    if (indices?.dtype !== 'u32' || indices.shape.length !== 2)
      throw new ShapeError('inverseLists', 'takes indices u32 [B, P]', inputs);
    if (!Number.isInteger(rows) || rows < 1 || rows >= 2 ** 31)
      throw new ShapeError('inverseLists', `${rows} rows; give 1 or more`, inputs);
    return [
      { shape: indices.shape, dtype: 'u32' },
      { shape: [indices.shape[0] ?? 0, rows + 1], dtype: 'u32' },
    ];
  },
  vjp: () => [undefined],
  kernels: sortKernels,
});

function sortKernels({ inputs, outputs, attrs: { rows }, device, scratch }: KernelArgs<{ rows: number }>): Kernel[] {
  const [indices] = inputs;
  const [order, starts] = outputs;
  if (!indices || !order || !starts) return [];
  const [B = 1, picks = 1] = indices.shape;
  const software = device.deviceClass === 'software';
  const share = Math.max(software ? 256 : 32, Math.ceil(picks / MOST_CHUNKS));
  const chunks = Math.ceil(picks / share);
  const counts = scratch([B, 16, chunks], 'u32');
  const other = scratch([B, picks], 'u32');
  // Rows 0 … rows, the last for indices out of range.
  const passes = Math.ceil(Math.max(1, Math.ceil(Math.log2(rows + 1))) / BITS);
  const perChunk = lineGrid(B * chunks);
  const kernels: Kernel[] = [];
  const uniformOf = (grid: { count: number; width: number }, pass: number) => ({
    count: grid.count,
    width: grid.width,
    picks,
    rows,
    chunks,
    share,
    shift: pass * BITS,
    first: pass === 0 ? 1 : 0,
  });
  const base = { shader: 'inverseLists' };
  for (let pass = 0; pass < passes; pass++) {
    // The last pass deals into `order`.
    const [source, dealt] = (passes - pass) % 2 === 1 ? [other, order] : [order, other];
    const uniform = uniformOf(perChunk, pass);
    kernels.push(
      { ...base, entry: 'tally', uniform, bindings: { indices, source, counts }, workgroups: perChunk.workgroups },
      {
        ...base,
        entry: 'scan',
        constants: { LANES: software ? 4 : 256 },
        uniform,
        bindings: { counts },
        workgroups: [B],
      },
      {
        ...base,
        entry: 'deal',
        uniform,
        bindings: { indices, source, counts, dealt },
        workgroups: perChunk.workgroups,
      },
    );
  }
  const perStart = lineGrid(starts.size);
  kernels.push({
    ...base,
    entry: 'bounds',
    uniform: uniformOf(perStart, 0),
    bindings: { indices, source: order, starts },
    workgroups: perStart.workgroups,
  });
  return kernels;
}

/**
 * For each of `rows` rows, which picks name it: indices u32 [B, P] → `order` u32 [B, P], the picks sorted by row, and `starts`
 * u32 [B, rows + 1]: row r's picks are order[starts[r]] … order[starts[r+1] − 1], ascending. Indices of `rows` or more stand last.
 * Deterministic. No gradient. Throws ShapeError.
 */
export function inverseLists(indices: Tensor, rows: number): { order: Tensor; starts: Tensor } {
  const [order, starts] = inverseListsOp.apply([indices], { rows });
  if (!order || !starts) throw new Error('inverseLists: no outputs');
  return { order, starts };
}
