import { reflect, setConstants, shaderText, type ShaderModuleText } from './shader';

/** What makes a compute pipeline: a WGSL text and what is set in it. */
export interface PipelineSpec {
  /** File name in `shaders/` without ending; also the label when `code` is given. */
  readonly shader: string;
  readonly entry: string;
  /** Values of `override`s and `const`s, by name. */
  readonly constants?: Readonly<Record<string, number>>;
  /** A complete WGSL text in place of the file's (fused pointwise chains, spliced epilogues). */
  readonly code?: string;
}

export interface CachedPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly module: ShaderModuleText;
}

/** Pipelines of one device, each compiled once per text, entry point and constants; many are created side by side. */
export class PipelineCache {
  private readonly pipelines = new Map<string, Promise<CachedPipeline>>();
  private readonly modules = new Map<string, { text: ShaderModuleText; module: GPUShaderModule }>();
  private static readonly ofDevices = new WeakMap<GPUDevice, PipelineCache>();

  /** The one of a device, whoever works on it: tuning and claims compile nothing that the run beside them has. */
  static of(device: GPUDevice): PipelineCache {
    const known = PipelineCache.ofDevices.get(device) ?? new PipelineCache(device);
    PipelineCache.ofDevices.set(device, known);
    return known;
  }

  constructor(private readonly device: GPUDevice) {}

  get size(): number {
    return this.pipelines.size;
  }

  /** Throws with the shader's name, the entry point and the compiler's messages when the WGSL does not compile. */
  get(spec: PipelineSpec): Promise<CachedPipeline> {
    const source = spec.code ?? shaderText(spec.shader);
    const overrides: Record<string, number> = {};
    const consts: Record<string, number> = {};
    const declared = reflect(spec.shader, source).overrides;
    for (const [key, value] of Object.entries(spec.constants ?? {}))
      (declared.has(key) ? overrides : consts)[key] = value;
    const code = setConstants(spec.shader, source, consts);
    const key = `${spec.entry}\n${JSON.stringify(overrides)}\n${code}`;
    const cached = this.pipelines.get(key);
    if (cached) return cached;
    const made = this.create(spec, code, overrides);
    this.pipelines.set(key, made);
    made.catch(() => this.pipelines.delete(key));
    return made;
  }

  private async create(spec: PipelineSpec, code: string, overrides: Record<string, number>): Promise<CachedPipeline> {
    const { text, module } = this.moduleFor(spec.shader, code);
    try {
      const pipeline = await this.device.createComputePipelineAsync({
        label: `${spec.shader}.${spec.entry}`,
        layout: 'auto',
        compute: { module, entryPoint: spec.entry, constants: overrides },
      });
      return { pipeline, module: text };
    } catch (error) {
      const info = await module.getCompilationInfo();
      const lines = info.messages.map((m) => `  line ${m.lineNum}: ${m.message}`).join('\n');
      throw new Error(`shader "${spec.shader}" entry "${spec.entry}" does not compile: ${String(error)}\n${lines}`);
    }
  }

  private moduleFor(name: string, code: string) {
    const known = this.modules.get(code);
    if (known) return known;
    const made = { text: reflect(name, code), module: this.device.createShaderModule({ label: name, code }) };
    this.modules.set(code, made);
    return made;
  }
}
