import type { DeviceClass, DeviceTraits } from '../../src/gpu/device';

/** A device with WebGPU's least limits. */
export function leastTraits(deviceClass: DeviceClass): DeviceTraits {
  return {
    deviceClass,
    features: new Set(),
    maxStorageBuffersPerShaderStage: 8,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65535,
    maxStorageBufferBindingSize: 2 ** 27,
    maxBufferSize: 2 ** 28,
  };
}
