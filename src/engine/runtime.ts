import type { Gpu } from '../gpu/device';
import { PipelineCache } from '../gpu/pipelineCache';
import { paddedBytes } from './placement';
import type { State, StateData } from './state';
import type { DType } from './tensor';

export function typedArray(dtype: DType, buffer: ArrayBuffer): StateData {
  if (dtype === 'f32') return new Float32Array(buffer);
  return dtype === 'u32' ? new Uint32Array(buffer) : new Int32Array(buffer);
}

interface HeldState {
  readonly buffer: GPUBuffer;
  users: number;
}

/** One device with its pipelines and the buffers of states. Plans are compiled for it and share what it holds. */
export class Runtime {
  private readonly held = new Map<State, HeldState>();
  private readonly staging = new Map<number, GPUBuffer[]>();
  private bytes = 0;

  constructor(
    readonly gpu: Gpu,
    readonly pipelines = PipelineCache.of(gpu.device),
  ) {}

  /** Bytes of all buffers that states and plans hold on the device now. */
  get allocatedBytes(): number {
    return this.bytes;
  }

  /** Bytes of the states alone. */
  get stateBytes(): number {
    let sum = 0;
    for (const { buffer } of this.held.values()) sum += buffer.size;
    return sum;
  }

  /** Throws when the device cannot hold a buffer of this size: names it, the size and the limit. */
  allocate(
    label: string,
    bytes: number,
    usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  ) {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.traits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (bytes > limit) {
      throw new Error(
        `buffer "${label}" of ${bytes} bytes is over this device's limit of ${limit}; use a smaller batch or model`,
      );
    }
    this.bytes += bytes;
    return this.gpu.device.createBuffer({ label, size: bytes, usage });
  }

  free(buffer: GPUBuffer): void {
    this.bytes -= buffer.size;
    buffer.destroy();
  }

  /** The buffer of a state, made and filled at first use. */
  bufferOf(state: State): GPUBuffer {
    const known = this.held.get(state);
    if (known) return known.buffer;
    const buffer = this.allocate(state.name, paddedBytes(state.size));
    this.held.set(state, { buffer, users: 0 });
    const initial = typeof state.initial === 'function' ? state.initial() : state.initial;
    if (initial) this.gpu.device.queue.writeBuffer(buffer, 0, initial.buffer, initial.byteOffset, initial.byteLength);
    return buffer;
  }

  /** A plan says which states it uses, so that constants go with the last plan that reads them. */
  use(state: State): void {
    this.bufferOf(state);
    const held = this.held.get(state);
    if (held) held.users++;
  }

  unuse(state: State): void {
    const held = this.held.get(state);
    if (!held) return;
    held.users--;
    if (held.users <= 0 && state.kind === 'constant') this.release(state);
  }

  /** Frees a state's buffer; its contents are gone. */
  release(state: State): void {
    const held = this.held.get(state);
    if (!held) return;
    this.held.delete(state);
    this.free(held.buffer);
  }

  /** Writes elements from `offset`. Throws when they do not fit or the type differs. */
  write(state: State, data: StateData, offset = 0): void {
    if (offset + data.length > state.size) {
      throw new Error(`state "${state.name}": ${data.length} elements from ${offset} do not fit its ${state.size}`);
    }
    this.gpu.device.queue.writeBuffer(this.bufferOf(state), offset * 4, data.buffer, data.byteOffset, data.byteLength);
  }

  async read(state: State, offset = 0, count = state.size - offset): Promise<StateData> {
    return typedArray(state.dtype, await this.readBuffer(this.bufferOf(state), offset * 4, count * 4));
  }

  /** Copies a buffer range to the host. Staging buffers are kept and used again. */
  async readBuffer(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const size = 2 ** Math.ceil(Math.log2(Math.max(256, bytes)));
    const staging =
      this.staging.get(size)?.pop() ??
      this.gpu.device.createBuffer({
        label: 'staging',
        size,
        usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
      });
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset, staging, 0, bytes);
    this.gpu.device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ, 0, bytes);
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    this.staging.set(size, [...(this.staging.get(size) ?? []), staging]);
    return copy;
  }

  dispose(): void {
    for (const state of [...this.held.keys()]) this.release(state);
    for (const buffers of this.staging.values()) for (const buffer of buffers) buffer.destroy();
    this.staging.clear();
  }
}
