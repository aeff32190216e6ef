//!include roi.wgsl
// RoIAlign (He et al. 2017): the mean of n × n bilinear samples in each of k × k bins of a region.
//
//   y1' = y1 · scale − ½, h = y2 · scale − ½ − y1'   (variant 1, "aligned"; variant 0 without the ½ and with h ≥ 1)
//   sample (i, m) = y1' + (i + (m + ½)/n) · h/k,      n = `samples`, or ⌈h/k⌉ where that is 0; columns alike
//   a sample counts 0 outside [−1, H], else it is moved into [0, H − 1] and read bilinearly
//   ∂L/∂x[p] = Σ_{r, i, j} g[r, i, j] · (Σ_m hat(p_y − s_m)) (Σ_m hat(p_x − s_m)) / n²,   hat(t) = max(0, 1 − |t|): it separates
//
// Entry points, an invocation for
//   forward   an element of out [R, C, k, k]
//   shares    what the samples of bin i of a region give to a row in all (over n²), then to a column: [R, k, H + W]
//   gradient  a pixel of the map in four channels: it looks at the bins of its picture's regions that give to its row and column, in order
// Dispatch: `count` invocations in rows of `width`.

@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read_write> share: array<f32>;
@group(0) @binding(4) var<storage, read> known: array<f32>;

// Along an axis: where the region begins, the length of a bin, samples in one.
struct Side { start: f32, step: f32, n: u32 }

fn alongAxis(r: u32, axis: u32) -> Side {
  let half = select(0f, 0.5f, dims.variant == 1u);
  let ends = sideOf(r, axis) * dims.scale - half;
  let size = select(max(ends.y - ends.x, 1f), ends.y - ends.x, dims.variant == 1u);
  let step = size / f32(dims.bins);
  return Side(ends.x, step, select(u32(max(ceil(step), 0f)), dims.samples, dims.samples > 0u));
}

fn sampleAt(s: Side, i: u32, m: u32) -> f32 {
  return s.start + (f32(i) + (f32(m) + 0.5f) / f32(s.n)) * s.step;
}

fn isLive(at: f32, extent: u32) -> bool { return at >= -1f && at <= f32(extent); }
fn moved(at: f32, extent: u32) -> f32 { return clamp(at, 0f, f32(extent - 1u)); }

@compute @workgroup_size(64) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let b = binOf(n);
  let down = alongAxis(b.r, 1u);
  let across = alongAxis(b.r, 0u);
  let plane = (pictureOf(b.r) * dims.channels + b.c) * pixels();
  var sum = 0f;
  for (var m = 0u; m < down.n; m++) {
    let sy = sampleAt(down, b.i, m);
    if (!isLive(sy, dims.iH)) { continue; }
    let y = moved(sy, dims.iH);
    let top = plane + u32(y) * dims.iW;
    let below = plane + min(u32(y) + 1u, dims.iH - 1u) * dims.iW;
    for (var q = 0u; q < across.n; q++) {
      let sx = sampleAt(across, b.j, q);
      if (!isLive(sx, dims.iW)) { continue; }
      let at = moved(sx, dims.iW);
      let left = u32(at);
      let right = min(left + 1u, dims.iW - 1u);
      let upper = mix(x[top + left], x[top + right], fract(at));
      sum += mix(upper, mix(x[below + left], x[below + right], fract(at)), fract(y));
    }
  }
  out[n] = sum / f32(max(down.n * across.n, 1u));
}

// What the samples of bin i give to a row (or column) in all.
fn shareOf(s: Side, i: u32, row: f32, extent: u32) -> f32 {
  var share = 0f;
  for (var m = 0u; m < s.n; m++) {
    let at = sampleAt(s, i, m);
    if (isLive(at, extent)) { share += max(0f, 1f - abs(moved(at, extent) - row)); }
  }
  return share;
}

@compute @workgroup_size(64) fn shares(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let places = dims.iH + dims.iW;
  let place = n % places;
  let i = n / places % dims.bins;
  let r = n / places / dims.bins;
  let down = alongAxis(r, 1u);
  let across = alongAxis(r, 0u);
  if (place < dims.iH) {
    share[n] = shareOf(down, i, f32(place), dims.iH) / f32(max(down.n * across.n, 1u));
  } else {
    share[n] = shareOf(across, i, f32(place - dims.iH), dims.iW);
  }
}

@compute @workgroup_size(64) fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let tiles = (dims.channels + 3u) / 4u;
  let place = n % pixels();
  let first = n / pixels() % tiles * 4u;
  let picture = n / pixels() / tiles;
  let four = min(vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(dims.channels - 1u - first)) * dims.bins * dims.bins;
  let places = dims.iH + dims.iW;
  let row = place / dims.iW;
  let column = dims.iH + place % dims.iW;
  var sum = vec4<f32>(0f);
  for (var r = 0u; r < dims.regions; r++) {
    if (pictureOf(r) != picture) { continue; }
    let own = r * dims.bins * places;
    for (var i = 0u; i < dims.bins; i++) {
      let byRow = known[own + i * places + row];
      if (byRow == 0f) { continue; }
      let line = placeOf(Bin(r, first, i, 0u));
      for (var j = 0u; j < dims.bins; j++) {
        let weight = byRow * known[own + j * places + column];
        if (weight == 0f) { continue; }
        let at = vec4<u32>(line + j) + four;
        sum = fma(vec4<f32>(g[at.x], g[at.y], g[at.z], g[at.w]), vec4<f32>(weight), sum);
      }
    }
  }
  let at = (picture * dims.channels + first) * pixels() + place;
  for (var c = 0u; c < min(4u, dims.channels - first); c++) { out[at + c * pixels()] = sum[c]; }
}
