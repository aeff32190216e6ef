import type { CachedPipeline } from '../gpu/pipelineCache';
import type { Precision } from '../gpu/device';
import type { ShaderModuleText } from '../gpu/shader';
import { PassTimer } from '../gpu/passTimer';
import { lower, Place, type Dispatch } from './lower';
import { PlanBuffers } from './planBuffers';
import { typedArray, type Runtime } from './runtime';
import { baseOf } from './simplify';
import type { StateData } from './state';
import type { Node, Tensor } from './tensor';
import { Uniforms } from './uniforms';

export interface CompileOptions {
  /** Tensors that can be read after a run, by name. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
  /** Nodes that change states; they run after everything else, in this order. */
  readonly effects?: readonly Node[];
  /** Fills every slot with NaN when it is made, so that a kernel that reads what nobody wrote is seen (tests). */
  readonly poison?: boolean;
  /** f16 holds the operands of forward products in half the bytes; f32 is the default. */
  readonly precision?: Precision;
}

interface Step {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

export interface KernelTime {
  readonly label: string;
  readonly shader: string;
  readonly entry: string;
  readonly milliseconds: number;
  readonly flops: number;
  readonly bytes: number;
}

/**
 * Lowers a graph, gives every tensor a place, compiles the pipelines side by side and makes all bind groups. After this, running
 * costs encoding only. Throws what ops, shaders and the device say is wrong, and where f16 is asked of a device that has none.
 */
export async function compile(runtime: Runtime, options: CompileOptions): Promise<Plan> {
  const { device, traits } = runtime.gpu;
  const { precision = 'f32' } = options;
  if (precision === 'f16' && !traits.features.has('shader-f16'))
    throw new Error('plan: precision f16 needs the feature "shader-f16", which this device lacks; use f32');
  const lowered = lower(options.outputs ?? {}, options.effects ?? [], { ...traits, precision });
  for (const d of lowered.dispatches) {
    const most = Math.max(...d.workgroups);
    if (most > traits.maxComputeWorkgroupsPerDimension) {
      throw new Error(
        `kernel "${d.label}": ${most} workgroups in one dimension are over the device's limit; fold the grid`,
      );
    }
  }
  const pipelines = await Promise.all(
    lowered.dispatches.map(({ shader, entry, constants, code }) =>
      runtime.pipelines.get({ shader, entry, constants, ...(code === undefined ? {} : { code }) }),
    ),
  );
  device.pushErrorScope('validation');
  const memory = new PlanBuffers(runtime, lowered, options.poison ?? false);
  const uniforms = new Uniforms(runtime, lowered.dispatches, pipelines);
  const steps = lowered.dispatches.map((dispatch, k): Step => {
    const cached = pipelines[k];
    if (!cached) throw new Error(`kernel "${dispatch.label}": its pipeline is missing`);
    return {
      dispatch,
      pipeline: cached.pipeline,
      bindGroup: bindGroupOf(device, dispatch, cached, memory, uniforms, k),
    };
  });
  const error = await device.popErrorScope();
  if (error) throw new Error(`plan: the device rejected a bind group: ${error.message}`);
  return new Plan(runtime, steps, memory, uniforms, lowered.outputs);
}

function bindGroupOf(
  device: GPUDevice,
  dispatch: Dispatch,
  { pipeline, module }: CachedPipeline,
  memory: PlanBuffers,
  uniforms: Uniforms,
  index: number,
): GPUBindGroup {
  checkUse(dispatch, module, memory);
  const entries: GPUBindGroupEntry[] = dispatch.bindings.map(({ name, place }) => {
    const binding = module.bindings.get(name);
    if (binding === undefined) {
      const known = [...module.bindings.keys()].join(', ');
      throw new Error(
        `kernel "${dispatch.label}" (${dispatch.shader}): no storage variable "${name}"; it has ${known}`,
      );
    }
    return { binding, resource: memory.rangeOf(place) };
  });
  const uniform = uniforms.rangeOf(index);
  if (uniform && module.uniform) entries.push({ binding: module.uniform.binding, resource: uniform });
  return device.createBindGroup({ label: dispatch.label, layout: pipeline.getBindGroupLayout(0), entries });
}

/**
 * WebGPU takes a buffer to be read or written in a dispatch, as a whole: it would drop every submission with such a kernel in it.
 * Throws where one buffer is bound both ways.
 */
function checkUse(dispatch: Dispatch, module: ShaderModuleText, memory: PlanBuffers): void {
  const uses = new Map<GPUBuffer, { name: string; written: boolean }>();
  for (const { name, place } of dispatch.bindings) {
    const { buffer } = memory.rangeOf(place);
    const written = module.written.has(name);
    const other = uses.get(buffer);
    if (other && other.written !== written) {
      const [read, write] = written ? [other.name, name] : [name, other.name];
      throw new Error(
        `kernel "${dispatch.label}" (${dispatch.shader}): "${read}" reads the buffer that "${write}" writes; bind a copy to one of them`,
      );
    }
    uses.set(buffer, { name, written });
  }
}

/** A compiled graph: a fixed list of dispatches over fixed buffers. Running it allocates nothing. */
export class Plan {
  private disposed = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly steps: readonly Step[],
    private readonly memory: PlanBuffers,
    private readonly uniforms: Uniforms,
    private readonly outputs: ReadonlyMap<string, Tensor>,
  ) {}

  /** Dispatches of one run. */
  get dispatches(): readonly Dispatch[] {
    return this.steps.map((s) => s.dispatch);
  }

  get flops(): number {
    return this.steps.reduce((n, s) => n + s.dispatch.flops, 0);
  }

  /** Bytes of the slots, and the most bytes alive at one time. */
  get activationBytes(): { readonly peak: number; readonly live: number } {
    return { peak: this.memory.peakBytes, live: this.memory.liveBytes };
  }

  /** One run: one command buffer with one compute pass. Does not wait. */
  run(): void {
    this.runMany(1);
  }

  /** Several runs in one submission, a compute pass each. Does not wait. */
  runMany(count: number): void {
    if (this.disposed) throw new Error('plan: it was disposed; compile the graph again');
    const encoder = this.runtime.gpu.device.createCommandEncoder();
    for (let n = 0; n < count; n++) {
      const pass = encoder.beginComputePass();
      for (const step of this.steps) encode(pass, step);
      pass.end();
    }
    this.runtime.gpu.device.queue.submit([encoder.finish()]);
  }

  /** Reads an output as it stands after the last run. Throws when there is no output of this name. */
  async read(name: string): Promise<StateData> {
    const output = this.outputs.get(name);
    if (!output) throw new Error(`plan: no output "${name}"; it has ${[...this.outputs.keys()].join(', ')}`);
    const place = new Place(output.shape, output.dtype, baseOf(output));
    const { buffer, offset } = this.memory.rangeOf(place);
    return typedArray(output.dtype, await this.runtime.readBuffer(buffer, offset, place.size * 4));
  }

  /** Time of each dispatch of one run, by timestamps around one pass each. Throws without the feature 'timestamp-query'. */
  async profile(): Promise<KernelTime[]> {
    const timer = new PassTimer(this.runtime.gpu.device, this.steps.length);
    const encoder = this.runtime.gpu.device.createCommandEncoder();
    this.steps.forEach((step, k) => {
      const pass = encoder.beginComputePass({ timestampWrites: timer.writes(k) });
      encode(pass, step);
      pass.end();
    });
    timer.resolve(encoder);
    this.runtime.gpu.device.queue.submit([encoder.finish()]);
    const milliseconds = await timer.read();
    return this.steps.map(({ dispatch: { label, shader, entry, flops, bytes } }, k) => ({
      label,
      shader,
      entry,
      milliseconds: milliseconds[k] ?? 0,
      flops,
      bytes,
    }));
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.memory.dispose();
    this.uniforms.dispose();
  }
}

function encode(pass: GPUComputePassEncoder, { pipeline, bindGroup, dispatch }: Step): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...dispatch.workgroups);
}
