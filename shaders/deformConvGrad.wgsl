//!include deform.wgsl
// Gradients of deformable convolution by input, offset and mask, all from the gradient by the columns
//
//   a[b, g, k, s, p] = Σ_o w[k, s, o] · ∂L/∂y[b, o, p]           f32 [B, groups, K, C/groups, P], P = oH · oW: a plain product
//
//   ∂L/∂x_c[r] = Σ_{(k, p) : r is a corner of q} m_k · a · (bilinear weight of r)
//   ∂L/∂Δy_k   = Σ_c m_k · a · [ (1−u)(x10 − x00) + u (x11 − x01) ],   u = q_x − x0,  corners outside count 0
//   ∂L/∂Δx_k   = Σ_c m_k · a · [ (1−l)(x01 − x00) + l (x11 − x10) ],   l = q_y − y0
//   ∂L/∂m_k    = Σ_c a · x_c(q)
//
// Offsets are unbounded, so any tap may reach any pixel. Without atomics: the taps of a picture and deformable group are sorted by the
// cell ⌊q⌋ that they fall in (inverseLists.wgsl), and a pixel adds up the lists of the four cells around it, in their order.
//
// Entry points, one invocation for
//   cells              a tap (b, d, k, p): the number (y0 + 1) · (W + 1) + x0 + 1 of its cell among (H + 1)(W + 1), or that many if it is dead
//   inputGradient      a pixel and 4 · BLOCKS channels of a run: CPU adapters find the taps once for more channels
//   offsetGradient     a tap
//   offsetMaskGradient the same, with the mask's
// Dispatch: `count` invocations in rows of `width`.

// 1 or 4.
override BLOCKS: u32 = 1u;

@group(0) @binding(4) var<storage, read> a: array<f32>;
@group(0) @binding(5) var<storage, read> order: array<u32>;
@group(0) @binding(6) var<storage, read> starts: array<u32>;
@group(0) @binding(7) var<storage, read_write> cell: array<u32>;
@group(0) @binding(7) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(8) var<storage, read_write> maskGradient: array<f32>;

// A tap from its number in (b, d, k, p).
struct Tap { b: u32, d: u32, k: u32, p: u32 }

fn tapOf(i: u32) -> Tap {
  let row = i / places();
  let family = row / taps();
  return Tap(family / dims.deformGroups, family % dims.deformGroups, row % taps(), i % places());
}

@compute @workgroup_size(64) fn cells(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let t = tapOf(i);
  let q = pointOf(t.b, t.d, t.k, t.p);
  var found = (dims.iH + 1u) * (dims.iW + 1u);
  if (isLive(q)) {
    let low = vec2<u32>(vec2<i32>(floor(q)) + vec2<i32>(1i));
    found = low.x * (dims.iW + 1u) + low.y;
  }
  cell[i] = found;
}

// Four channels from element `at`; those beyond the last read it and are not stored.
fn fourOf(at: u32, most: u32) -> vec4<f32> {
  let i = vec4<u32>(at) + min(vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(most)) * places();
  return vec4<f32>(a[i.x], a[i.y], a[i.z], a[i.w]);
}

fn storePixel(at: u32, count: u32, values: vec4<f32>) {
  for (var j = 0u; j < min(4u, count); j++) { gradient[at + j * pixels()] = values[j]; }
}

@compute @workgroup_size(64) fn inputGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let r = i % pixels();
  let perRun = (dims.run + 4u * BLOCKS - 1u) / (4u * BLOCKS);
  let tiles = dims.channels / dims.run * perRun;
  let tile = i / pixels() % tiles;
  let b = i / pixels() / tiles;
  let before = tile % perRun * 4u * BLOCKS;
  let first = tile / perRun * dims.run + before;
  let count = min(4u * BLOCKS, dims.run - before);
  let d = deformGroupOf(first);
  let family = b * dims.deformGroups + d;
  let pixel = vec2<f32>(vec2<u32>(r / dims.iW, r % dims.iW));
  var sum0 = vec4<f32>(0f);
  var sum1 = vec4<f32>(0f);
  var sum2 = vec4<f32>(0f);
  var sum3 = vec4<f32>(0f);
  // Cells above the pixel, then those below; the one to its left and the one to its right are neighbours, and so are their lists.
  for (var below = 0u; below < 2u; below++) {
    let list = family * ((dims.iH + 1u) * (dims.iW + 1u) + 1u) + (r / dims.iW + below) * (dims.iW + 1u) + r % dims.iW;
    for (var e = starts[list]; e < starts[list + 2u]; e++) {
      let pick = order[family * taps() * places() + e];
      let k = pick / places();
      let p = pick % places();
      let near = vec2<f32>(1f) - abs(pointOf(b, d, k, p) - pixel);
      let weight = vec4<f32>(near.x * near.y * modulation(b, d, k, p));
      let at = columnOf(b, p, k, first);
      sum0 = fma(fourOf(at, count - 1u), weight, sum0);
      if (BLOCKS > 1u) {
        sum1 = fma(fourOf(at + min(4u, count - 1u) * places(), max(count, 5u) - 5u), weight, sum1);
        sum2 = fma(fourOf(at + min(8u, count - 1u) * places(), max(count, 9u) - 9u), weight, sum2);
        sum3 = fma(fourOf(at + min(12u, count - 1u) * places(), max(count, 13u) - 13u), weight, sum3);
      }
    }
  }
  let at = (b * dims.channels + first) * pixels() + r;
  storePixel(at, count, sum0);
  if (BLOCKS > 1u) {
    storePixel(at + 4u * pixels(), max(count, 4u) - 4u, sum1);
    storePixel(at + 8u * pixels(), max(count, 8u) - 8u, sum2);
    storePixel(at + 12u * pixels(), max(count, 12u) - 12u, sum3);
  }
}

// ∂L/∂(Δy, Δx, m) of a tap.
fn tapGradient(t: Tap) -> vec3<f32> {
  let c = cornersOf(pointOf(t.b, t.d, t.k, t.p));
  let f = c.fraction;
  let weight = bilinear(c);
  let byY = c.inside * vec4<f32>(f.y - 1f, -f.y, 1f - f.y, f.y);
  let byX = c.inside * vec4<f32>(f.x - 1f, 1f - f.x, -f.x, f.x);
  let perGroup = dims.channels / dims.deformGroups;
  var sum = vec3<f32>(0f);
  for (var start = t.d * perGroup; start < (t.d + 1u) * perGroup; start += dims.run) {
    let column = columnOf(t.b, t.p, t.k, start);
    for (var s = 0u; s < dims.run; s++) {
      let v = cornerValues(c.at + (t.b * dims.channels + start + s) * pixels());
      sum = fma(vec3<f32>(dot(byY, v), dot(byX, v), dot(weight, v)), vec3<f32>(a[column + s * places()]), sum);
    }
  }
  let m = modulation(t.b, t.d, t.k, t.p);
  return sum * vec3<f32>(m, m, 1f);
}

fn storeOffset(i: u32, slope: vec3<f32>) {
  let at = i / places() * 2u * places() + i % places();
  gradient[at] = slope.x;
  gradient[at + places()] = slope.y;
}

@compute @workgroup_size(64) fn offsetGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i < dims.count) { storeOffset(i, tapGradient(tapOf(i))); }
}

@compute @workgroup_size(64) fn offsetMaskGradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * dims.width + id.x;
  if (i >= dims.count) { return; }
  let slope = tapGradient(tapOf(i));
  storeOffset(i, slope);
  maskGradient[i] = slope.z;
}
