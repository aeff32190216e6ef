/** The GPU device that everything runs on, what it can do, and what was asked of it. Knows no tensors. */

export type DeviceClass = 'software' | 'gpu';

/** How operands of products are held; sums are f32 always. */
export type Precision = 'f32' | 'f16';

/** What kernels choose their variant by: a pure function of this and the shapes decides, so that runs repeat. */
export interface DeviceTraits {
  readonly deviceClass: DeviceClass;
  readonly features: ReadonlySet<string>;
  readonly maxStorageBuffersPerShaderStage: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupsPerDimension: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
  /** Kernel variants that "tune for this device" found fastest: `op|shape` → variant. */
  readonly variants?: Readonly<Record<string, string>>;
  /** What a plan asks for; f16 only on devices with the feature 'shader-f16' (src/engine/f16Check.ts). */
  readonly precision?: Precision;
}

export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
}

export interface Gpu {
  readonly device: GPUDevice;
  readonly traits: DeviceTraits;
  readonly adapter: AdapterDescription;
  /** Stable name of the adapter, for tables that are kept per device. */
  readonly adapterKey: string;
}

/** Raised when no usable WebGPU device can be had; `reason` tells the page which help to show. */
export class NoGpuError extends Error {
  constructor(
    readonly reason: 'no-api' | 'no-adapter' | 'no-device',
    message: string,
  ) {
    super(message);
    this.name = 'NoGpuError';
  }
}

const WANTED_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups'];

/** Limits that we ask for beyond the defaults, each capped by what the adapter has. */
function wantedLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxBufferSize: Math.min(limits.maxBufferSize, 2 ** 31),
    maxStorageBufferBindingSize: Math.min(limits.maxStorageBufferBindingSize, 2 ** 31 - 4),
    maxComputeWorkgroupStorageSize: Math.min(limits.maxComputeWorkgroupStorageSize, 32768),
    maxStorageBuffersPerShaderStage: Math.min(limits.maxStorageBuffersPerShaderStage, 10),
  };
}

function isSoftware(info: AdapterDescription): boolean {
  return /swiftshader|llvmpipe|lavapipe|software|cpu|basic render/i.test(Object.values(info).join(' '));
}

/**
 * Opens a device on an implementation of WebGPU (`navigator.gpu`, or the `webgpu` package's in Node).
 * Throws NoGpuError when there is none.
 */
export async function openGpu(api: GPU | undefined): Promise<Gpu> {
  if (!api) throw new NoGpuError('no-api', 'WebGPU: this environment has no navigator.gpu; use a browser with WebGPU');
  const adapter = await api.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new NoGpuError(
      'no-adapter',
      'WebGPU: no adapter was found; check that the GPU driver (Vulkan, Metal, D3D12) works',
    );
  }
  const features = WANTED_FEATURES.filter((name) => adapter.features.has(name));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ requiredFeatures: features, requiredLimits: wantedLimits(adapter.limits) });
  } catch (error) {
    throw new NoGpuError('no-device', `WebGPU: the adapter refused a device: ${String(error)}`);
  }
  const { vendor, architecture, device: name, description } = adapter.info;
  const info: AdapterDescription = { vendor, architecture, device: name, description };
  const { limits } = device;
  return {
    device,
    adapter: info,
    adapterKey: [vendor, architecture, name, description].filter(Boolean).join(' / '),
    traits: {
      deviceClass: isSoftware(info) ? 'software' : 'gpu',
      features: new Set(features),
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
    },
  };
}
