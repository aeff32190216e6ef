//!include roi.wgsl
// RoI pooling (Girshick 2015): the largest element of each of k × k bins of a region.
//
//   y1' = round(y1 · scale), h = max(round(y2 · scale) − y1' + 1, 1);   bin i covers rows ⌊i · h/k⌋ + y1' … ⌈(i + 1) · h/k⌉ + y1' (exclusive),
//   cut to the map; columns alike;   out = max over the bin, 0 where it is empty
//   ∂L/∂x[p] = Σ_{r, i, j : p was the largest of bin (i, j)} g[r, i, j]
//
// Entry points, an invocation for
//   forward   an element of out [R, C, k, k]; chosen u32 is its place in the plane, 0xffffffff where the bin is empty
//   gradient  an element of the map: it looks at the regions of its picture and there at the bins around it, in order
// Dispatch: `count` invocations in rows of `width`.

@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read_write> chosen: array<u32>;
@group(0) @binding(4) var<storage, read> taken: array<u32>;

// First row (or column) and number of rows of a region, in whole pixels of the map.
fn spanOf(r: u32, axis: u32) -> vec2<i32> {
  let ends = vec2<i32>(roundAway(sideOf(r, axis) * dims.scale));
  return vec2<i32>(ends.x, max(ends.y - ends.x + 1i, 1i));
}

fn rowsOf(r: u32, axis: u32, i: u32) -> vec2<i32> {
  let span = spanOf(r, axis);
  let k = i32(dims.bins);
  let begin = i32(i) * span.y / k + span.x;
  let end = ((i32(i) + 1i) * span.y + k - 1i) / k + span.x;
  return clamp(vec2<i32>(begin, end), vec2<i32>(0i), vec2<i32>(i32(lengthOf(axis))));
}

@compute @workgroup_size(64) fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let b = binOf(n);
  let rows = rowsOf(b.r, 1u, b.i);
  let columns = rowsOf(b.r, 0u, b.j);
  let plane = (pictureOf(b.r) * dims.channels + b.c) * pixels();
  var best = 0f;
  var place = 0xffffffffu;
  for (var row = rows.x; row < rows.y; row++) {
    for (var column = columns.x; column < columns.y; column++) {
      let at = u32(row) * dims.iW + u32(column);
      let value = x[plane + at];
      if (place == 0xffffffffu || value > best) {
        best = value;
        place = at;
      }
    }
  }
  out[n] = best;
  chosen[n] = place;
}

// Bins that may hold a row (or column): first and last; first > last where none does.
fn binsAround(r: u32, axis: u32, row: u32) -> vec2<i32> {
  let span = spanOf(r, axis);
  let k = i32(dims.bins);
  let own = i32(row) - span.x;
  if (own < 0i || own > span.y) { return vec2<i32>(1i, 0i); }
  return vec2<i32>(max(own * k / span.y - 1i, 0i), min(((own + 1i) * k - 1i) / span.y, k - 1i));
}

@compute @workgroup_size(64) fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let place = n % pixels();
  let c = n / pixels() % dims.channels;
  let picture = n / pixels() / dims.channels;
  var sum = 0f;
  for (var r = 0u; r < dims.regions; r++) {
    if (pictureOf(r) != picture) { continue; }
    let rows = binsAround(r, 1u, place / dims.iW);
    let columns = binsAround(r, 0u, place % dims.iW);
    for (var i = rows.x; i <= rows.y; i++) {
      for (var j = columns.x; j <= columns.y; j++) {
        let at = placeOf(Bin(r, c, u32(i), u32(j)));
        if (taken[at] == place) { sum += g[at]; }
      }
    }
  }
  out[n] = sum;
}
