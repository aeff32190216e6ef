/**
 * Golden cases at sizes where other kernels take over than those that the golden files' small tensors run: workgroup tiles, split sums,
 * merged sorts, lists, clouds shared by workgroups. The oracles are loops on the host in float64.
 */
import type { GoldenCase, GoldenFile, GoldenTensor } from '../goldenCheck';
import { philoxNormals, philoxUniforms } from '../philox';

const SOURCE = 'a loop on the host';

function tensor(data: ArrayLike<number>, shape: readonly number[], dtype: 'f32' | 'u32' = 'f32'): GoldenTensor {
  return { shape, dtype, data: Array.from(data) };
}

/** Rows and columns with its numbers, row by row. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: ArrayLike<number>;
}

function normals(rows: number, columns: number, stream: string): Matrix {
  return { rows, columns, data: philoxNormals(rows * columns, 4, stream) };
}

function transposed({ rows, columns, data }: Matrix): Matrix {
  const turned = Float64Array.from({ length: rows * columns }, (_, i) => {
    return data[(i % rows) * columns + Math.floor(i / rows)] ?? NaN;
  });
  return { rows: columns, columns: rows, data: turned };
}

function product(a: Matrix, b: Matrix): Matrix {
  const data = new Float64Array(a.rows * b.columns);
  for (let m = 0; m < a.rows; m++)
    for (let k = 0; k < a.columns; k++)
      for (let n = 0; n < b.columns; n++) {
        const at = m * b.columns + n;
        data[at] = (data[at] ?? 0) + (a.data[m * a.columns + k] ?? NaN) * (b.data[k * b.columns + n] ?? NaN);
      }
  return { rows: a.rows, columns: b.columns, data };
}

const sheet = ({ rows, columns, data }: Matrix) => tensor(data, [rows, columns]);

/** y = A·B and the gradients by A and B; a linear layer's bias gets the column sums of dy. */
function productCase([M, K, N]: readonly [number, number, number], bias: boolean): GoldenCase {
  const [a, b, g] = [normals(M, K, 'a'), normals(K, N, 'b'), normals(M, N, 'dy')];
  const ones: Matrix = { rows: 1, columns: M, data: new Float32Array(M).fill(1) };
  return {
    name: `${M}×${K} by ${K}×${N}`,
    attrs: bias ? {} : { transposeA: false, transposeB: false },
    inputs: [sheet(a), sheet(b), ...(bias ? [tensor(new Float32Array(N), [N])] : [])],
    outputs: [sheet(product(a, b))],
    cotangents: [sheet(g)],
    grads: [
      sheet(product(g, transposed(b))),
      sheet(product(transposed(a), g)),
      ...(bias ? [tensor(product(ones, g).data, [N])] : []),
    ],
  };
}

function sumCase(rows: number, columns: number): GoldenCase {
  const x = normals(rows, columns, 'sum');
  const ones: Matrix = { rows: columns, columns: 1, data: new Float32Array(columns).fill(1) };
  return {
    name: `${rows} long rows`,
    attrs: { axes: [1] },
    tolerance: 1e-5,
    inputs: [sheet(x)],
    outputs: [tensor(product(x, ones).data, [rows])],
  };
}

/** Many equal keys: the order among them is that of their places. */
function argsortCase(rows: number, n: number): GoldenCase {
  const keys = philoxUniforms(rows * n, 4, 'keys').map((u) => Math.floor(u * 300) - 150);
  const orders = Array.from({ length: rows }, (_, row) => {
    const key = (i: number) => keys[row * n + i] ?? NaN;
    return Array.from({ length: n }, (_, i) => i).sort((i, j) => key(i) - key(j) || i - j);
  });
  const ranks = orders.flatMap((order) => {
    const inverse = new Uint32Array(n);
    order.forEach((from, place) => (inverse[from] = place));
    return [...inverse];
  });
  return {
    name: `${rows} rows of ${n}`,
    attrs: { descending: false },
    tolerance: 0,
    inputs: [tensor(keys, [rows, n])],
    outputs: [tensor(orders.flat(), [rows, n], 'u32'), tensor(ranks, [rows, n], 'u32')],
  };
}

/** The gradient adds up so many picks of each row that they come from lists. */
function gatherCase(N: number, D: number, picks: number): GoldenCase {
  const source = philoxNormals(N * D, 4, 'rows');
  const indices = philoxUniforms(picks, 4, 'picks').map((u) => Math.floor(u * N));
  const cotangent = philoxNormals(picks * D, 4, 'dy');
  const gradient = new Float64Array(N * D);
  cotangent.forEach((g, i) => {
    const at = (indices[Math.floor(i / D)] ?? NaN) * D + (i % D);
    gradient[at] = (gradient[at] ?? 0) + g;
  });
  const picked = Array.from(cotangent, (_, i) => source[(indices[Math.floor(i / D)] ?? NaN) * D + (i % D)] ?? NaN);
  return {
    name: `${picks} picks of ${N} rows`,
    attrs: {},
    inputs: [tensor(source, [1, N, D]), tensor(indices, [1, picks], 'u32')],
    outputs: [tensor(picked, [1, picks, D])],
    cotangents: [tensor(cotangent, [1, picks, D])],
    grads: [tensor(gradient, [1, N, D]), null],
  };
}

/** Points of a lattice, so that distances are exact and equal ones are equal everywhere. */
function farthestCase(N: number, count: number): GoldenCase {
  const points = philoxUniforms(3 * N, 4, 'cloud').map((u) => Math.floor(u * 64) / 32 - 1);
  const nearest = new Float64Array(N).fill(Infinity);
  const picked = [11];
  while (picked.length < count) {
    const last = 3 * (picked.at(-1) ?? 0);
    let farthest = 0;
    for (let i = 0; i < N; i++) {
      const offset = [0, 1, 2].map((c) => (points[3 * i + c] ?? NaN) - (points[last + c] ?? NaN));
      const distance = offset.reduce((total, v) => total + v * v, 0);
      nearest[i] = Math.min(nearest[i] ?? NaN, distance);
      if ((nearest[i] ?? NaN) > (nearest[farthest] ?? NaN)) farthest = i;
    }
    picked.push(farthest);
  }
  return {
    name: `${count} of ${N} points`,
    attrs: { count, start: 11 },
    tolerance: 0,
    inputs: [tensor(points, [1, N, 3])],
    outputs: [tensor(picked, [1, count], 'u32')],
  };
}

export const LARGE_CASES: readonly GoldenFile[] = [
  { op: 'matmul', source: SOURCE, cases: [productCase([67, 36, 68], false)] },
  { op: 'linear', source: SOURCE, cases: [productCase([37, 52, 56], true), productCase([520, 8, 12], true)] },
  { op: 'sum', source: SOURCE, cases: [sumCase(2, 4100)] },
  { op: 'argsort', source: SOURCE, cases: [argsortCase(2, 1301)] },
  { op: 'gatherRows', source: SOURCE, cases: [gatherCase(7, 5, 523)] },
  { op: 'farthestPoints', source: SOURCE, cases: [farthestCase(16411, 3)] },
];
