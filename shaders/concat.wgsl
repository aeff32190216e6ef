// Two tensors along one axis: a [outer, lengthA, inner] and b [outer, lengthB, inner] → out [outer, lengthA + lengthB, inner], with the axis
// and what lies inside it as one run of words. Dispatch: one invocation for a word, rows of `width`.

struct Dims { count: u32, width: u32, runA: u32, runB: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let run = dims.runA + dims.runB;
  let outer = i / run;
  let at = i % run;
  if (at < dims.runA) { out[i] = a[outer * dims.runA + at]; } else { out[i] = b[outer * dims.runB + at - dims.runA]; }
}
