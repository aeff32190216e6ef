// Images and labels of a batch out of a data set that stays on the device as bytes, four to a word, little end first.
//   imageBatch   out[b,c,y,x] = (byte/255 − mean_c) / deviation_c of image indices[b]     bytes [n, C, S, S] → f32 [B, C, S, S]
//   labelBatch   labels[b] = byte indices[b]                                               → u32 [B]
// Dispatch: one invocation for an element, rows of `width`. Up to four channels.

struct Dims {
  count: u32, width: u32, length: u32, plane: u32,
  mean0: f32, mean1: f32, mean2: f32, mean3: f32, scale0: f32, scale1: f32, scale2: f32, scale3: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> bytes: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;

fn byteAt(i: u32) -> u32 {
  return (bytes[i / 4u] >> ((i % 4u) * 8u)) & 255u;
}

@compute @workgroup_size(64) fn imageBatch(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let within = i % dims.length;
  let channel = within / dims.plane;
  let mean = vec4<f32>(dims.mean0, dims.mean1, dims.mean2, dims.mean3)[channel];
  let scale = vec4<f32>(dims.scale0, dims.scale1, dims.scale2, dims.scale3)[channel];
  let value = f32(byteAt(indices[i / dims.length] * dims.length + within)) / 255f;
  out[i] = (value - mean) * scale;
}

@compute @workgroup_size(64) fn labelBatch(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) { labels[i] = byteAt(indices[i]); }
}
