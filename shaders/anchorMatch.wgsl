//!include reduce.wgsl
// Which truth each box is matched with, and whether it counts as positive, negative or neither (Ren et al. 2015, section 3.1.2).
//
// boxes f32 [B or 1, A, 4] (anchors or proposals), truths f32 [B, T, 4], continuous (x1, y1, x2, y2); truthCount u32 [B]: how many of T are there
//   label    1 where the largest overlap is `positive` or more, or (force) where no box overlaps some truth more: all of equal ones, if at all;
//            0 where it is below `negative` and `floor` or more;  −1 elsewhere, and (edge) for boxes that cross the picture's border
//   matched  the truth of the largest overlap, the first of equal ones; 0 where there is none
//   best     that overlap (intersection over union)
//
// Entry points
//   overlaps   iou[b, t, a], −1 for a box that takes no part; an invocation for each element
//   strongest  peak[b, t] = max over a; a workgroup of LANES for each (b, t)
//   label      an invocation for a box
// Dispatch: overlaps, label: `count` invocations in rows of `width`; strongest: T by B workgroups.

struct Dims {
  count: u32, width: u32, boxes: u32, truths: u32, oneSet: u32, force: u32, edge: u32,
  imageW: f32, imageH: f32, positive: f32, negative: f32, floor: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> boxes: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> truths: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> truthCount: array<u32>;
@group(0) @binding(4) var<storage, read_write> iou: array<f32>;
@group(0) @binding(4) var<storage, read> found: array<f32>;
@group(0) @binding(5) var<storage, read_write> peak: array<f32>;
@group(0) @binding(5) var<storage, read> strongestOf: array<f32>;
@group(0) @binding(6) var<storage, read_write> labels: array<f32>;
@group(0) @binding(7) var<storage, read_write> matched: array<u32>;
@group(0) @binding(8) var<storage, read_write> best: array<f32>;

fn takesPart(box: vec4<f32>) -> bool {
  return dims.edge == 0u || (all(box.xy >= vec2<f32>(0f)) && box.z <= dims.imageW && box.w <= dims.imageH);
}

fn overlapOf(a: vec4<f32>, b: vec4<f32>) -> f32 {
  let size = max(min(a.zw, b.zw) - max(a.xy, b.xy), vec2<f32>(0f));
  let inside = size.x * size.y;
  let sides = vec4<f32>(a.zw - a.xy, b.zw - b.xy);
  let whole = sides.x * sides.y + sides.z * sides.w - inside;
  return select(0f, inside / whole, whole > 0f);
}

@compute @workgroup_size(64) fn overlaps(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let a = n % dims.boxes;
  let row = n / dims.boxes;
  let box = boxes[select(row / dims.truths * dims.boxes, 0u, dims.oneSet != 0u) + a];
  iou[n] = select(-1f, overlapOf(box, truths[row]), takesPart(box));
}

@compute @workgroup_size(LANES)
fn strongest(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * dims.truths + group.x;
  var most = -1f;
  for (var a = lane; a < dims.boxes; a += LANES) { most = max(most, found[row * dims.boxes + a]); }
  let all = maxLanes(lane, most);
  if (lane == 0u) { peak[row] = all; }
}

@compute @workgroup_size(64) fn label(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.y * dims.width + id.x;
  if (n >= dims.count) { return; }
  let a = n % dims.boxes;
  let b = n / dims.boxes;
  let box = boxes[select(b * dims.boxes, 0u, dims.oneSet != 0u) + a];
  var most = 0f;
  var truth = 0u;
  var forced = false;
  for (var t = 0u; t < min(truthCount[b], dims.truths); t++) {
    let here = found[(b * dims.truths + t) * dims.boxes + a];
    if (here > most) {
      most = here;
      truth = t;
    }
    forced = forced || (here > 0f && here == strongestOf[b * dims.truths + t]);
  }
  var own = select(-1f, 0f, most < dims.negative && most >= dims.floor);
  if (most >= dims.positive || (forced && dims.force != 0u)) { own = 1f; }
  labels[n] = select(-1f, own, takesPart(box));
  matched[n] = truth;
  best[n] = most;
}
