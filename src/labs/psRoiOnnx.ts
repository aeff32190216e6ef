/**
 * Position-sensitive and deformable pooling of regions in ONNX, which has no operator for them. What a bin takes of the map is a product of
 * weights of rows and of columns, so that all bins are one product of matrices: exactly the pooling of shaders/psRoiPool.wgsl and
 * shaders/deformPsRoiPool.wgsl, up to rounding.
 */
import type { OnnxGraph } from '../models/onnxGraph';
import type { Node } from '../engine/tensor';

interface PsAttrs {
  readonly bins: number;
  readonly scale: number;
}

interface DeformPsAttrs extends PsAttrs {
  readonly group: number;
  readonly samples: number;
  readonly gamma: number;
}

const shapeOf = (node: Node, input: number): readonly number[] => node.inputs[input]?.shape ?? [];

/** The numbers 0 … length − 1, [length]. */
const range = (g: OnnxGraph, length: number) =>
  g.floats(
    `range.${length}`,
    [length],
    Float32Array.from({ length }, (_, i) => i),
  );

const reshape = (g: OnnxGraph, x: string, shape: readonly number[]) => g.node('Reshape', [x, g.integers(shape)]);
const number = (g: OnnxGraph, condition: string) => g.node('Cast', [condition], { to: 1 });
const both = (g: OnnxGraph, a: string, b: string) => number(g, g.node('And', [a, b]));
const atLeast = (g: OnnxGraph, x: string, least: number) => g.node('Max', [x, g.float(least)]);

/** Half away from zero. */
function rounded(g: OnnxGraph, x: string): string {
  const size = g.node('Floor', [g.node('Add', [g.node('Abs', [x]), g.float(0.5)])]);
  return g.node('Mul', [g.node('Sign', [x]), size]);
}

/** Where regions [R, 5] begin along an axis (1: x, 2: y) on the map, and how long they are: [R, 1] each. */
function extentOf(g: OnnxGraph, rois: string, axis: 1 | 2, { scale }: PsAttrs, shift: number) {
  const side = (at: number) =>
    rounded(g, g.node('Slice', [rois, g.integers([at]), g.integers([at + 1]), g.integers([1])]));
  const placed = (x: string) => {
    const scaled = g.node('Mul', [x, g.float(scale)]);
    return shift === 0 ? scaled : g.node('Sub', [scaled, g.float(shift)]);
  };
  const start = placed(side(axis));
  const end = placed(g.node('Add', [side(axis + 2), g.float(1)]));
  return { start, size: atLeast(g, g.node('Sub', [end, start]), 0.1) };
}

/** What each of k bins takes of each of L rows (or columns): ones over how many they are, [R, k, L]. */
function binWeights(g: OnnxGraph, rois: string, axis: 1 | 2, R: number, L: number, attrs: PsAttrs): string {
  const { bins: k } = attrs;
  const { start, size } = extentOf(g, rois, axis, attrs, 0);
  const border = (first: number) => {
    const label = `bins.${first}.${k}`;
    const numbers = g.floats(
      label,
      [1, k],
      Float32Array.from({ length: k }, (_, i) => i + first),
    );
    return g.node('Add', [g.node('Div', [g.node('Mul', [numbers, size]), g.float(k)]), start]);
  };
  const cut = (x: string) => reshape(g, g.node('Clip', [x, g.float(0), g.float(L)]), [R, k, 1]);
  const low = cut(g.node('Floor', [g.node('Add', [border(0), g.float(1e-4)])]));
  const high = cut(g.node('Ceil', [g.node('Sub', [border(1), g.float(1e-4)])]));
  const places = range(g, L);
  const inside = both(g, g.node('GreaterOrEqual', [places, low]), g.node('Less', [places, high]));
  return g.node('Div', [inside, atLeast(g, g.node('Sub', [high, low]), 1)]);
}

/** Bins of R regions [R, k, k, H · W] times maps → [R, C, k, k]: one map of each class for each bin (group k), or the same for all (group 1). */
function pooled(
  g: OnnxGraph,
  maps: string,
  [rows, columns]: readonly [string, string],
  { R, k, C, places, own }: Readonly<Record<'R' | 'k' | 'C' | 'places', number>> & { readonly own: boolean },
): string {
  const weights = reshape(g, g.node('Mul', [rows, columns]), [R, k * k, places]);
  if (!own) {
    const byPlace = g.node('Transpose', [reshape(g, maps, [C, places])], { perm: [1, 0] });
    const product = g.node('MatMul', [weights, byPlace]); // [R, k², C]
    return reshape(g, g.node('Transpose', [product], { perm: [0, 2, 1] }), [R, C, k, k]);
  }
  const byBin = g.node('Transpose', [reshape(g, maps, [C, k * k, places])], { perm: [1, 2, 0] });
  const product = g.node('MatMul', [g.node('Transpose', [weights], { perm: [1, 0, 2] }), byBin]); // [k², R, C]
  return reshape(g, g.node('Transpose', [product], { perm: [1, 2, 0] }), [R, C, k, k]);
}

/** Throws unless the maps are those of one picture. */
function sizesOf(node: Node, k: number, own: boolean) {
  const [B, maps = 1, H = 1, W = 1] = shapeOf(node, 0);
  if (B !== 1) throw new Error(`ONNX export: "${node.op.name}" is written for one picture at a time; build it for one`);
  return { R: shapeOf(node, 1)[0] ?? 0, k, C: own ? maps / k ** 2 : maps, places: H * W, own, H, W };
}

export function psRoiPool(g: OnnxGraph, node: Node, [maps = '', rois = '']: readonly string[]): string {
  const attrs = node.attrs as unknown as PsAttrs & { readonly rule: string };
  if (attrs.rule !== 'rfcn') throw new Error(`ONNX export: psRoiPool is written for R-FCN's borders of bins alone`);
  const { bins: k } = attrs;
  const sizes = sizesOf(node, k, true);
  const { R, H, W } = sizes;
  const rows = reshape(g, binWeights(g, rois, 2, R, H, attrs), [R, k, 1, H, 1]);
  const columns = reshape(g, binWeights(g, rois, 1, R, W, attrs), [R, 1, k, 1, W]);
  return pooled(g, maps, [rows, columns], sizes);
}

/** What the samples of each bin take of each of L rows (or columns), over how many of them count: [R, k, k, L]. */
function sampleWeights(
  g: OnnxGraph,
  rois: string,
  shift: string | undefined,
  [axis, L, R]: readonly [1 | 2, number, number],
  attrs: DeformPsAttrs,
): string {
  const { bins: k, samples, gamma } = attrs;
  const { start, size } = extentOf(g, rois, axis, attrs, 0.5);
  const region = (x: string) => reshape(g, x, [R, 1, 1]);
  const bin = g.node('Div', [region(size), g.float(k)]);
  const numbers = reshape(g, range(g, k), axis === 2 ? [1, k, 1] : [1, 1, k]);
  const plain = g.node('Add', [region(start), g.node('Mul', [numbers, bin])]);
  const moved = (by: string) =>
    g.node('Add', [plain, g.node('Mul', [g.node('Mul', [by, g.float(gamma)]), region(size)])]);
  const first = shift === undefined ? plain : moved(shift);
  const step = g.node('Div', [bin, g.float(samples)]);
  const each = Array.from({ length: samples }, (_, m) => {
    const at = g.node('Add', [first, g.node('Mul', [step, g.float(m)])]);
    const after = g.node('GreaterOrEqual', [at, g.float(-0.5)]);
    const live = both(g, after, g.node('LessOrEqual', [at, g.float(L - 0.5)]));
    const place = g.node('Unsqueeze', [g.node('Clip', [at, g.float(0), g.float(L - 1)]), g.integers([3])]);
    const away = g.node('Abs', [g.node('Sub', [place, range(g, L)])]);
    const hat = g.node('Relu', [g.node('Sub', [g.float(1), away])]);
    return { live, share: g.node('Mul', [hat, g.node('Unsqueeze', [live, g.integers([3])])]) };
  });
  const total = (of: readonly string[]) => of.reduce((sum, x) => g.node('Add', [sum, x]));
  const count = g.node('Unsqueeze', [atLeast(g, total(each.map((e) => e.live)), 1), g.integers([3])]);
  return g.node('Div', [total(each.map((e) => e.share)), count]);
}

export function deformPsRoiPool(g: OnnxGraph, node: Node, [maps = '', rois = '', trans]: readonly string[]): string {
  const attrs = node.attrs as unknown as DeformPsAttrs;
  const { bins: k, group } = attrs;
  const moved = trans === undefined ? undefined : shapeOf(node, 2);
  if ((group !== 1 && group !== k) || (moved && moved.slice(1).join() !== [2, k, k].join()))
    throw new Error(
      'ONNX export: deformable pooling is written for offsets [R, 2, k, k] and maps for each bin or for all',
    );
  const sizes = sizesOf(node, k, group === k && k > 1);
  const { R, H, W } = sizes;
  /** Offsets [R, k, k] along x (0) or y (1). */
  const shift = (at: number) =>
    trans === undefined
      ? undefined
      : reshape(g, g.node('Slice', [trans, g.integers([at]), g.integers([at + 1]), g.integers([1])]), [R, k, k]);
  const rows = sampleWeights(g, rois, shift(1), [2, H, R], attrs);
  const columns = sampleWeights(g, rois, shift(0), [1, W, R], attrs);
  // Without offsets rows know nothing of j, nor columns of i.
  const wide = (x: string, dims: readonly number[]) => g.node('Unsqueeze', [x, g.integers(dims)]);
  const outer = [wide(rows, [4]), wide(columns, [3])] as const;
  if (trans !== undefined) return pooled(g, maps, outer, sizes);
  const spread = (x: string, L: number) => g.node('Expand', [x, g.integers([R, k, k, L])]);
  return pooled(g, maps, [wide(spread(rows, H), [4]), wide(spread(columns, W), [3])], sizes);
}
