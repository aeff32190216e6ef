/** The trained detector on pictures from the host: proposals, then what the head says of them. */
import { decodeBoxes, HEAD } from '../../engine/ops/boxCode';
import { gatherRows } from '../../engine/ops/gather';
import { sigmoid } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { slice } from '../../engine/ops/slice';
import { softmax } from '../../engine/ops/softmax';
import { topK } from '../../engine/ops/topK';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { constant, State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { ParameterSource } from '../../nn/parameters';
import type { Box } from '../../train/evaluation/averagePrecision';
import { anchorGrid, judgeRegions, pictureBatch, sharedPart } from './detector';
import { asRegions, proposals } from './regionProposals';
import type { DetectorShape } from './settings';
import { BEFORE, SMALLEST } from './training';
import type { ShownRegions } from './views/types';

/** Boxes of regions [R, 5]. */
function sliceBoxes(rois: Tensor): Tensor {
  return slice(rois, [0, 1], [rois.shape[0] ?? 0, 4]);
}

/** What a compiled form gives beside the regions, each at a price. */
export interface FormOptions {
  readonly batch: number;
  /** Proposals of a picture that the head judges; 0 for none: what all regions share, alone. */
  readonly proposals: number;
  /** Regions from the host in place of proposals, so many of each picture. */
  readonly given?: number;
  /** Anchors' scores and the best boxes before suppression. */
  readonly anchors?: boolean;
  /** R-FCN's maps and bins; offsets of the deformable layers and of the bins. */
  readonly inside?: boolean;
}

/** A tensor of an inside form. */
export interface Read {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One compiled form. */
export class Forward {
  private readonly bytes: State;
  private readonly rois: State;
  private readonly overlap = new State('seen overlap', []);
  private readonly shapes = new Map<string, readonly number[]>();
  private plan: Promise<Plan> | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly source: ParameterSource,
    private readonly shape: DetectorShape,
    readonly options: FormOptions,
  ) {
    const { batch, given = 1 } = options;
    this.bytes = new State('seen pictures', [(batch * 3 * shape.size ** 2) / 4], 'u32');
    this.rois = new State('seen regions', [batch * given, 5]);
  }

  /** Pictures (planes [3, S, S]; the last one stands for what is missing), the proposals' suppression, and regions where they are given. */
  async run(pictures: readonly Uint8Array[], overlap: number, given: readonly Box[] = []): Promise<void> {
    const { batch, given: places = 0 } = this.options;
    const { size } = this.shape;
    const plane = 3 * size ** 2;
    const all = new Uint8Array(batch * plane);
    for (let b = 0; b < batch; b++) {
      const picture = pictures[Math.min(b, pictures.length - 1)];
      if (picture?.length !== plane)
        throw new Error(`picture: it holds ${picture?.length ?? 0} bytes; give planes [3, ${size}, ${size}]`);
      all.set(picture, b * plane);
    }
    this.plan ??= this.compile();
    const plan = await this.plan;
    this.runtime.write(this.bytes, new Uint32Array(all.buffer));
    this.runtime.write(this.overlap, Float32Array.of(overlap));
    if (places > 0) {
      const rows = new Float32Array(places * 5);
      given.slice(0, places).forEach((box, i) => rows.set([0, ...box], 5 * i));
      this.runtime.write(this.rois, rows);
    }
    plan.run();
  }

  async read(name: string): Promise<Read> {
    const plan = await (this.plan ?? this.compile());
    const shape = this.shapes.get(name);
    if (!shape) throw new Error(`forward: it gives no "${name}"; it gives ${[...this.shapes.keys()].join(', ')}`);
    return { shape, data: Float32Array.from(await plan.read(name)) };
  }

  /** What the head says of each picture's regions, after `run`. */
  async regions(): Promise<ShownRegions[]> {
    const { batch } = this.options;
    const [regions, probabilities, boxes] = [
      await this.read('regions'),
      await this.read('probabilities'),
      await this.read('boxes'),
    ];
    const R = regions.data.length / 4 / batch;
    const K = probabilities.shape.at(-1) ?? 1;
    const counts = this.shapes.has('count') ? (await this.read('count')).data : undefined;
    const boxAt = (flat: Float32Array, i: number): Box => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = flat.subarray(4 * i, 4 * i + 4);
      return [x1, y1, x2, y2];
    };
    return Array.from({ length: batch }, (_, b) => {
      const rows = Array.from({ length: counts?.[b] ?? R }, (__, i) => b * R + i);
      return {
        regions: rows.map((i) => boxAt(regions.data, i)),
        probabilities: rows.map((i) => probabilities.data.slice(i * K, (i + 1) * K)),
        boxes: rows.map((i) => boxAt(boxes.data, i)),
      };
    });
  }

  /** Waits until what was run is done: for timing. */
  async done(): Promise<void> {
    await this.runtime.gpu.device.queue.onSubmittedWorkDone();
  }

  /** The form's plan, for its cost. */
  compiled(): Promise<Plan> {
    this.plan ??= this.compile();
    return this.plan;
  }

  private async compile(): Promise<Plan> {
    const { shape, source: p } = this;
    const { batch: B, proposals: after, given, anchors: wanted, inside } = this.options;
    const outputs: Record<string, Tensor> = {};
    const indices = constant(
      Array.from({ length: B }, (_, i) => i),
      [B],
      'u32',
    );
    const images = pictureBatch(this.bytes.tensor(), indices, shape.size);
    let layer = 0;
    const tap = (offset: Tensor, mask: Tensor | undefined) => {
      outputs[`offset ${layer}`] = offset;
      if (mask) outputs[`modulation ${layer}`] = mask;
      layer++;
    };
    const { features, anchors } = sharedPart(p, images, shape, { training: false }, inside ? tap : undefined);
    const grid = anchorGrid(shape);
    const N = grid.shape[0] ?? 1;
    const clip = [shape.size, shape.size] as const;
    if (wanted) {
      const top = topK(anchors.objectness, Math.min(BEFORE, N));
      outputs['objectness'] = sigmoid(anchors.objectness);
      outputs['best boxes'] = gatherRows(decodeBoxes(grid, anchors.shifts, { clip }).boxes, top.indices);
      outputs['best scores'] = sigmoid(top.values);
    }
    if (given || after > 0) {
      const found = given
        ? undefined
        : proposals(anchors, grid, {
            ...{ before: Math.min(N, Math.max(BEFORE, after)), after, clip },
            ...{ overlap: this.overlap.tensor(), smallest: SMALLEST },
          });
      const rois = found ? asRegions(found.boxes) : this.rois.tensor();
      const head = judgeRegions(p, features, rois, shape);
      const R = rois.shape[0] ?? 1;
      const boxes = reshape(found ? found.boxes : sliceBoxes(rois), [B, R / B, 4]);
      outputs['regions'] = boxes;
      if (found) outputs['count'] = found.count;
      outputs['logits'] = head.logits;
      outputs['probabilities'] = softmax(head.logits);
      outputs['boxes'] = decodeBoxes(boxes, reshape(head.shifts, [B, R / B, 4]), { deviations: HEAD, clip }).boxes;
      if (inside && 'maps' in head) Object.assign(outputs, { maps: head.maps, bins: head.bins });
      if (inside && head.offsets) outputs['bin offsets'] = head.offsets;
    } else if (!wanted && !inside) Object.assign(outputs, { features, objectness: anchors.objectness });
    for (const [name, tensor] of Object.entries(outputs)) this.shapes.set(name, tensor.shape);
    return compile(this.runtime, { outputs });
  }

  dispose(): void {
    void this.plan?.then(
      (plan) => plan.dispose(),
      () => undefined,
    );
    for (const state of [this.bytes, this.rois, this.overlap]) this.runtime.release(state);
  }
}
