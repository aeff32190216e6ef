/** The device of a session: opened when it is first needed, and again after it was lost. */
import { Runtime } from '../engine/runtime';
import type { Gpu } from '../gpu/device';

/** A lost device is known so long after the first failure. */
const LOSS_KNOWN_MS = 500;

export class SessionDevice {
  private gpu: Gpu | undefined;
  private runtime: Runtime | undefined;
  private isLost = false;

  constructor(
    private readonly open: () => Promise<Gpu>,
    private readonly onLost: (reason: string) => void,
  ) {}

  get lost(): boolean {
    return this.isLost;
  }

  get stateBytes(): number {
    return this.runtime?.stateBytes ?? 0;
  }

  /** Throws NoGpuError where there is none. */
  async ready(): Promise<Runtime> {
    if (this.runtime && !this.isLost) return this.runtime;
    const gpu = await this.open();
    this.gpu = gpu;
    this.isLost = false;
    this.runtime = new Runtime(gpu);
    void gpu.device.lost.then((info) => {
      if (gpu !== this.gpu || info.reason === 'destroyed') return;
      this.isLost = true;
      this.onLost(info.message);
    });
    return this.runtime;
  }

  /** Other kernel variants on the same device. What was built on the runtime must be gone. */
  async retune(variants: Readonly<Record<string, string>> | undefined): Promise<void> {
    const runtime = await this.ready();
    const { variants: _earlier, ...traits } = runtime.gpu.traits;
    runtime.dispose();
    this.runtime = new Runtime({ ...runtime.gpu, traits: { ...traits, ...(variants && { variants }) } });
  }

  /** Resolves when what was submitted is done. */
  async done(): Promise<void> {
    await this.gpu?.device.queue.onSubmittedWorkDone();
  }

  /** Whether a failure just now was the loss of the device: what fails while it is being lost fails a moment before that is known. */
  async wasLost(): Promise<boolean> {
    await Promise.race([this.gpu?.device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_KNOWN_MS))]);
    return this.isLost;
  }

  dispose(): void {
    this.runtime?.dispose();
    this.gpu?.device.destroy();
  }
}
