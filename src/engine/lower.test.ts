import { describe, expect, it } from 'vitest';
import type { DeviceTraits } from '../gpu/device';
import { lower } from './lower';
import { gatherRows } from './ops/gather';
import { imageBatch, labelBatch } from './ops/images';
import { pointBatch } from './ops/pointBatch';
import { recordScalars } from './ops/record';
import { State } from './state';
import type { DType, Node, Shape, Tensor } from './tensor';

const device: DeviceTraits = {
  deviceClass: 'software',
  features: new Set(),
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65535,
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
};
const given = (shape: Shape, dtype: DType = 'f32') => new State('given', shape, dtype, undefined, 'constant').tensor();

/** Bytes that the only dispatch of a graph moves. */
function bytesOf(outputs: Record<string, Tensor>, effects: readonly Node[] = []): number {
  const { dispatches } = lower(outputs, effects, device);
  expect(dispatches).toHaveLength(1);
  return dispatches[0]?.bytes ?? NaN;
}

describe('bytes that a kernel moves', () => {
  const set = given([60_000 * 49], 'u32');
  const indices = given([16], 'u32');

  it('are those of a batch, not of the data set that it is taken from', () => {
    const batch = imageBatch(set, indices, { channels: 1, size: 14, mean: [0], std: [1] });
    expect(bytesOf({ batch })).toBe(16 * 196 * (1 + 4) + 16 * 4);
    expect(bytesOf({ labels: labelBatch(set, indices) })).toBe(16 * (1 + 4 + 4));
  });

  it('are those of the points of a batch of clouds', () => {
    const chance = { seed: given([], 'u32'), step: given([], 'u32') };
    const options = { stored: 1024, points: 100, normals: false, resample: true, stream: 'points' };
    const { points, parts } = pointBatch(given([2000, 1024, 2], 'u32'), indices, chance, options);
    expect(bytesOf({ points, parts })).toBe(1600 * 4 + 16 * 4 + 1600 * 3 * 4 + 1600 * 4);
  });

  it('are those of the rows picked, not of the table', () => {
    expect(bytesOf({ rows: gatherRows(given([5000, 7]), indices) })).toBe(16 * 4 + 2 * 16 * 7 * 4);
  });

  it('are those of one row of the history', () => {
    const record = recordScalars(given([10_000, 2]), given([], 'u32'), [given([]), given([])]);
    expect(bytesOf({}, [record])).toBe(4 * 2 * 3);
  });
});
