// The k largest of each row, in order: keys [rows, n] → values f32 and indices u32 [rows, k]. Equal keys by index. One invocation for a row
// passes over it k times, each time for the largest that comes after the last one found: no memory but the row's own.
// Dispatch: one invocation for a row, rows of `width` invocations.

struct Dims { count: u32, width: u32, n: u32, k: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> keys: array<f32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> indices: array<u32>;

@compute @workgroup_size(32) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * dims.width + id.x;
  if (row >= dims.count) { return; }
  let first = row * dims.n;
  var lastKey = 3.4028234e38f;
  var last = 0u;
  for (var pick = 0u; pick < dims.k; pick++) {
    var best = -3.4028234e38f;
    var place = dims.n;
    for (var i = 0u; i < dims.n; i++) {
      let key = keys[first + i];
      let after = pick == 0u || key < lastKey || (key == lastKey && i > last);
      if (after && (key > best || place == dims.n)) { best = key; place = i; }
    }
    values[row * dims.k + pick] = best;
    indices[row * dims.k + pick] = place;
    lastKey = best;
    last = place;
  }
}
