import type { Runtime } from './runtime';
import { State } from './state';
import type { Tensor } from './tensor';

/** WebGPU binds at multiples of 256 bytes: each knob has 64 elements to itself. */
const STRIDE = 64;

/**
 * Scalars that the host may change between steps without touching the plan: learning rate, weight decay, noise level. One buffer
 * for all; each is a tensor of shape [].
 */
export class Knobs<Name extends string> {
  private readonly state: State;
  private readonly names: readonly Name[];
  private readonly values: Float32Array;

  constructor(initial: Readonly<Record<Name, number>>) {
    this.names = Object.keys(initial) as Name[];
    this.values = new Float32Array(Math.max(1, this.names.length) * STRIDE);
    this.names.forEach((name, i) => (this.values[i * STRIDE] = initial[name]));
    this.state = new State('knobs', [this.values.length], 'f32', () => this.values);
  }

  private offset(name: Name): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new Error(`knob "${name}": there is none of this name; there are ${this.names.join(', ')}`);
    return index * STRIDE;
  }

  tensor(name: Name): Tensor {
    return this.state.slice(this.offset(name), []);
  }

  /** Acts on the next run that is submitted. */
  set(runtime: Runtime, name: Name, value: number): void {
    const offset = this.offset(name);
    this.values[offset] = value;
    runtime.write(this.state, new Float32Array([value]), offset);
  }

  get(name: Name): number {
    return this.values[this.offset(name)] ?? 0;
  }

  release(runtime: Runtime): void {
    runtime.release(this.state);
  }
}
