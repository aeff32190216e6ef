/** Workgroups in one dimension that WebGPU guarantees. */
const MOST = 65535;

/** A count of workgroups folded into two dimensions; `width` is the first one. The kernel skips what lies beyond the count. */
export function foldGroups(count: number): { readonly workgroups: readonly [number, number]; readonly width: number } {
  const height = Math.ceil(count / MOST);
  const width = Math.ceil(count / height);
  return { workgroups: [width, height], width };
}

/** Invocations one after the other in workgroups of `size`: workgroups, and the uniform fields `count` and `width` (of a row of invocations). */
export function lineGrid(
  count: number,
  size = 64,
): { workgroups: readonly [number, number]; count: number; width: number } {
  const { workgroups, width } = foldGroups(Math.ceil(count / size));
  return { workgroups, count, width: width * size };
}
