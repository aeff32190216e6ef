/** GPU timestamps around compute passes. The device needs the feature 'timestamp-query'. */
export class PassTimer {
  private readonly querySet: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  /** Throws when the device has no timestamps. */
  constructor(
    device: GPUDevice,
    private readonly passes: number,
  ) {
    if (!device.features.has('timestamp-query')) {
      throw new Error("profile: this device has no 'timestamp-query'; times per kernel cannot be measured on it");
    }
    const count = Math.max(1, passes) * 2;
    this.querySet = device.createQuerySet({ type: 'timestamp', count });
    const size = count * 8;
    this.resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    this.staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  }

  writes(pass: number): GPUComputePassTimestampWrites {
    return { querySet: this.querySet, beginningOfPassWriteIndex: pass * 2, endOfPassWriteIndex: pass * 2 + 1 };
  }

  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.querySet, 0, this.passes * 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, this.passes * 16);
  }

  /** Milliseconds of each pass, after the submission; frees what the timer holds. */
  async read(): Promise<number[]> {
    await this.staging.mapAsync(GPUMapMode.READ);
    const ticks = new BigUint64Array(this.staging.getMappedRange().slice(0));
    this.staging.destroy();
    this.resolved.destroy();
    this.querySet.destroy();
    return Array.from({ length: this.passes }, (_, k) => Number((ticks[2 * k + 1] ?? 0n) - (ticks[2 * k] ?? 0n)) / 1e6);
  }
}
