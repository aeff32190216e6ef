// Sum and maximum over the LANES invocations of a workgroup, by a tree of fixed order; every invocation gets the result.
// LANES is a power of two and the workgroup's size. Call in uniform control flow.
override LANES: u32 = 64u;
var<workgroup> laneValues: array<f32, LANES>;

fn sumLanes(lane: u32, value: f32) -> f32 {
  laneValues[lane] = value;
  workgroupBarrier();
  for (var reach = LANES / 2u; reach > 0u; reach = reach / 2u) {
    if (lane < reach) {
      laneValues[lane] += laneValues[lane + reach];
    }
    workgroupBarrier();
  }
  let total = laneValues[0];
  workgroupBarrier();
  return total;
}

fn maxLanes(lane: u32, value: f32) -> f32 {
  laneValues[lane] = value;
  workgroupBarrier();
  for (var reach = LANES / 2u; reach > 0u; reach = reach / 2u) {
    if (lane < reach) {
      laneValues[lane] = max(laneValues[lane], laneValues[lane + reach]);
    }
    workgroupBarrier();
  }
  let largest = laneValues[0];
  workgroupBarrier();
  return largest;
}
