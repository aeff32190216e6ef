import type { CachedPipeline } from '../gpu/pipelineCache';
import { packUniform } from '../gpu/shader';
import type { Dispatch } from './lower';
import type { BufferRange } from './planBuffers';
import type { Runtime } from './runtime';

/** All uniform blocks of a plan in one buffer, equal ones once. */
export class Uniforms {
  private readonly buffer: GPUBuffer | undefined;
  private readonly ranges: (BufferRange | undefined)[] = [];

  constructor(
    private readonly runtime: Runtime,
    dispatches: readonly Dispatch[],
    pipelines: readonly CachedPipeline[],
  ) {
    const blocks: Uint8Array[] = [];
    const known = new Map<string, number>();
    const indices = dispatches.map((d, k) => {
      const module = pipelines[k]?.module;
      if (!d.uniform || !module) return undefined;
      const bytes = new Uint8Array(packUniform(module, d.uniform));
      const key = bytes.join(',');
      const index = known.get(key) ?? blocks.push(bytes) - 1;
      known.set(key, index);
      return { index, size: bytes.length };
    });
    if (blocks.length === 0) return;
    const all = new Uint8Array(blocks.length * 256);
    blocks.forEach((bytes, i) => all.set(bytes, i * 256));
    const buffer = runtime.allocate('uniforms', all.length, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    runtime.gpu.device.queue.writeBuffer(buffer, 0, all);
    this.buffer = buffer;
    this.ranges = indices.map((at) => at && { buffer, offset: at.index * 256, size: at.size });
  }

  rangeOf(dispatch: number): BufferRange | undefined {
    return this.ranges[dispatch];
  }

  dispose(): void {
    if (this.buffer) this.runtime.free(this.buffer);
  }
}
