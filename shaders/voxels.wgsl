// Occupancy of a cubic grid over [−1, 1]³ (VoxNet, Maturana & Scherer 2015): cell = ⌊(p + 1) R/2⌋ along each axis; a coordinate of exactly 1
// falls into the last cell, points outside are left out.
//   binary   out = 1 where a cell holds a point, else 0
//   density  out = points in the cell / points in the fullest cell of the cloud
// points f32 [B, N, 3] → out f32 [B, 1, R, R, R], indexed [z, y, x]. Counts are integers: their atomics give the same in any order.
//   clear   counts [B, R³ + 1] ← 0 (the last one is the fullest cell's)   one invocation for a count
//   count   one invocation for a point          write   one invocation for a cell          rows of `width`

struct Dims { count: u32, width: u32, points: u32, side: u32, density: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64) fn clear(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) { atomicStore(&counts[i], 0u); }
}

@compute @workgroup_size(64) fn count(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let p = vec3<f32>(points[3u * i], points[3u * i + 1u], points[3u * i + 2u]);
  if (!all(abs(p) <= vec3<f32>(1f))) { return; }
  let scaled = floor((p + vec3<f32>(1f)) * (0.5f * f32(dims.side)));
  let cell = min(vec3<u32>(scaled), vec3<u32>(dims.side - 1u));
  let base = (i / dims.points) * (dims.side * dims.side * dims.side + 1u);
  let before = atomicAdd(&counts[base + (cell.z * dims.side + cell.y) * dims.side + cell.x], 1u);
  atomicMax(&counts[base + dims.side * dims.side * dims.side], before + 1u);
}

@compute @workgroup_size(64) fn write(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let cells = dims.side * dims.side * dims.side;
  let base = (i / cells) * (cells + 1u);
  let held = atomicLoad(&counts[base + i % cells]);
  let fullest = atomicLoad(&counts[base + cells]);
  let share = f32(held) / f32(max(fullest, 1u));
  out[i] = select(f32(min(held, 1u)), share, dims.density == 1u);
}
