/** Training scenes on the device: a ring of the steps to come, composed by the host just before they are needed. */
import { argsort } from '../../engine/ops/argsort';
import { gatherRows } from '../../engine/ops/gather';
import { div, equal, floor, mul, sub, toFloat } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { slice } from '../../engine/ops/slice';
import type { Runtime } from '../../engine/runtime';
import { constant, State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { packTruths, type Scene, type SceneOptions } from '../../data/scenes';
import type { HostFeed } from '../../train/hostFeed';
import type { DetectionData } from './data/data';
import { pictureBatch } from './detector';
import type { Truths } from './regionProposals';

/** Steps that the ring holds. */
const STEPS = 16;
/** WebGPU writes at multiples of four bytes, the ring's rows lie at multiples of 64 elements. */
const ROW = 64;

const padded = (count: number) => Math.ceil(count / ROW) * ROW;

export interface SceneBatch {
  /** [B, 3, S, S]. */
  readonly images: Tensor;
  readonly truths: Truths;
}

/** The scene of a number, as bytes and truths, in the rows of its step. */
export class SceneFeed implements HostFeed {
  readonly capacity = STEPS;
  private readonly pictures: State;
  private readonly boxes: State;
  private readonly labels: State;
  private readonly counts: State;
  private readonly composed = new Map<number, readonly Scene[]>();

  constructor(
    private readonly runtime: Runtime,
    private readonly data: DetectionData,
    private readonly settings: { readonly batch: number; readonly seed: number },
    private options: SceneOptions,
  ) {
    const { batch } = settings;
    this.pictures = new State('scenes', [STEPS * batch * this.words], 'u32');
    this.boxes = new State('scene boxes', [STEPS * batch, padded(4 * data.most)]);
    this.labels = new State('scene labels', [STEPS * batch, padded(data.most)], 'u32');
    this.counts = new State('scene counts', [STEPS * batch, ROW], 'u32');
  }

  /** u32 words of a picture. */
  private get words(): number {
    return (3 * this.data.size ** 2) / 4;
  }

  /** Scenes composed from now on are of these options. */
  setOptions(options: SceneOptions): void {
    if (JSON.stringify(options) !== JSON.stringify(this.options)) this.composed.clear();
    this.options = options;
  }

  private scenesOf(step: number): readonly Scene[] {
    const known = this.composed.get(step);
    if (known) return known;
    const { batch, seed } = this.settings;
    const made = Array.from({ length: batch }, (_, b) =>
      this.data.scene('train', seed, step * batch + b, this.options),
    );
    this.composed.set(step, made);
    return made;
  }

  prepare(step: number, count: number): void {
    for (let s = step; s < step + Math.min(count, STEPS); s++) this.scenesOf(s);
  }

  write(step: number, count: number): void {
    const { batch } = this.settings;
    const { most } = this.data;
    for (let s = step; s < step + count; s++) {
      const scenes = this.scenesOf(s);
      const row = (s % STEPS) * batch;
      scenes.forEach(({ pixels }, b) => {
        const words = new Uint32Array(pixels.buffer, pixels.byteOffset, this.words);
        this.runtime.write(this.pictures, words, (row + b) * this.words);
      });
      const { boxes, labels, counts } = packTruths(scenes, most);
      for (let b = 0; b < batch; b++) {
        const at = row + b;
        this.runtime.write(this.boxes, boxes.slice(b * most * 4, (b + 1) * most * 4), at * padded(4 * most));
        // Labels count from 1 here: 0 is the background.
        const named = labels.slice(b * most, (b + 1) * most).map((label) => label + 1);
        this.runtime.write(this.labels, named, at * padded(most));
        this.runtime.write(this.counts, counts.slice(b, b + 1), at * ROW);
      }
      this.composed.delete(s);
    }
    // What was prepared and is not asked for any more (the run began anew).
    for (const s of this.composed.keys()) if (s < step || s > step + 4 * STEPS) this.composed.delete(s);
  }

  /** The scenes of a step (u32 []) as the training graph reads them. */
  batch(step: Tensor): SceneBatch {
    const { batch } = this.settings;
    const { most, size } = this.data;
    const at = toFloat(step);
    const slot = sub(at, mul(floor(div(at, STEPS)), STEPS));
    const slots = constant(
      Array.from({ length: STEPS * batch }, (_, i) => Math.floor(i / batch)),
      [STEPS * batch],
    );
    // The rows of this step stand first in the order of "belongs to the step", as ties keep theirs.
    const order = argsort(equal(slots, slot), { descending: true }).indices;
    const rows = slice(order, [0], [batch]);
    const table = (state: State, width: number) => slice(gatherRows(state.tensor(), rows), [0, 0], [batch, width]);
    return {
      images: pictureBatch(this.pictures.tensor(), rows, size),
      truths: {
        boxes: reshape(table(this.boxes, 4 * most), [batch, most, 4]),
        labels: table(this.labels, most),
        counts: reshape(table(this.counts, 1), [batch]),
      },
    };
  }

  dispose(): void {
    for (const state of [this.pictures, this.boxes, this.labels, this.counts]) this.runtime.release(state);
  }
}
