import { describe, expect, it } from 'vitest';
import oracle from '../../../tests/golden/detection/tiny.json';
import { testRuntime } from '../../../tests/helpers/gpu';
import { gradients } from '../../engine/autodiff';
import { relativeError } from '../../engine/goldenCheck';
import { add, mul, sub } from '../../engine/ops/pointwise';
import { mean, sum } from '../../engine/ops/reduce';
import { softmaxCrossEntropy } from '../../engine/ops/softmaxCrossEntropy';
import { compile } from '../../engine/plan';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { ParameterSet } from '../../nn/parameters';
import { anchors, smoothL1 } from '../../nn/regions';
import { compute } from '../../../tests/helpers/compute';
import { backbone } from './backbone';
import { fasterHead, rfcnHead, type RegionScores } from './heads';
import { asRegions, proposalLoss, proposals, scoreAnchors } from './regionProposals';

const TOLERANCE = 3e-4;
/** Many pipelines, which software adapters compile slowly when the machine is busy. */
const TIMEOUT = 400_000;
const { case: made } = oracle;
const STRIDE = 8;

/** The formula that the oracle fills its tensors by. */
function filled(stream: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + stream * 78.233) * 43758.5453;
    return x - Math.floor(x);
  });
}

const [height, width] = [made.height / STRIDE, made.width / STRIDE];
const GRID = anchors({ height, width, stride: STRIDE, scales: made.scales, ratios: made.ratios });
const grid = () => constant(GRID, [GRID.length / 4, 4]);
const PER_CELL = made.scales.length * made.ratios.length;
const rois = () => constant(made.rois.flat(), [made.rois.length, 5]);
const one = (value: number) => constant([value], [], 'u32');

function featuresOf(p: ParameterSet): Tensor {
  const pixels = filled(1, made.batch * 3 * made.height * made.width).map((u) => (u - 0.5) * 3);
  const [a = 1, b = 1, c = 1, d = 1] = made.widths;
  return backbone(p, constant(pixels, [made.batch, 3, made.height, made.width]), {
    widths: [a, b, c, d],
    norm: { kind: 'group', groups: made.groups },
    deformation: 'v2',
    deformed: 1,
    blocks: 1,
    atrous: true,
  });
}

function headLosses({ logits, shifts }: RegionScores): Tensor[] {
  const R = made.rois.length;
  const targets = constant(
    filled(3, 4 * R).map((u) => u - 0.5),
    [R, 4],
  );
  const some = constant(
    made.labels.map((l) => (l > 0 ? 1 : 0)),
    [R],
  );
  const boxes = mul(sum(smoothL1(sub(shifts, targets)), [1]), some);
  return [mean(softmaxCrossEntropy(logits, constant(made.labels, [R], 'u32'))), mean(boxes)];
}

/** The four losses of a detector, and its parameters with the oracle's values. */
function build(kind: 'faster' | 'rfcn') {
  const p = new ParameterSet(1);
  const features = featuresOf(p);
  const truths = {
    boxes: constant(made.truths.flat(2), [made.batch, 2, 4]),
    labels: constant([0, 0, 0, 0], [made.batch, 2], 'u32'),
    counts: constant(made.counts, [made.batch], 'u32'),
  };
  const all = { size: GRID.length / 4, positives: GRID.length / 4, inside: null };
  const scores = scoreAnchors(p, features, PER_CELL, made.rpnWidth);
  const first = proposalLoss(scores, grid(), truths, { seed: one(1), step: one(1) }, all);
  const { classes, bins, hidden } = made;
  const head =
    kind === 'faster'
      ? fasterHead(p, features, rois(), { classes, bins, hidden, pooling: 'align', stride: STRIDE })
      : rfcnHead(p, features, rois(), { classes, bins, deformable: false, stride: STRIDE });
  return { p, losses: [first.objectness, first.boxes, ...headLosses(head)], scores };
}

describe.each(['faster', 'rfcn'] as const)('a tiny detector with the head: %s', (kind) => {
  it(
    'agrees with the oracle in its losses and all gradients',
    async () => {
      const want = oracle[kind];
      const { p, losses } = build(kind);
      expect(p.all.map((q) => q.name).sort()).toEqual(Object.keys(want.gradients).sort());
      const total = losses.reduce((a, b) => add(a, b));
      const slopes = gradients(
        total,
        p.all.map((q) => q.tensor),
      );
      const outputs = Object.fromEntries([
        ...losses.map((l, i) => [`loss ${i}`, l] as const),
        ...p.all.flatMap((q, i) => (slopes[i] ? [[q.name, slopes[i]] as const] : [])),
      ]);
      const runtime = await testRuntime();
      const plan = await compile(runtime, { outputs, poison: true });
      const named = new Map(
        Object.keys(want.gradients).map((name, i) => {
          const { shape, size } = p.find(name);
          const shift = name.endsWith('.scale') ? 1 : 0;
          return [name, { shape, data: filled(i + 10, size).map((u) => (u - 0.5) * 0.5 + shift) }] as const;
        }),
      );
      runtime.write(p.values, p.join(named, p.initialValues()));
      plan.run();
      for (const [i, loss] of want.losses.entries()) {
        expect((await plan.read(`loss ${i}`))[0]).toBeCloseTo(loss, 4);
      }
      const wrong: string[] = [];
      for (const [name, slope] of Object.entries(want.gradients)) {
        const error = relativeError(await plan.read(name), slope);
        if (!(error < TOLERANCE)) wrong.push(`${name}: ${error}`);
      }
      plan.dispose();
      expect(wrong).toEqual([]);
    },
    TIMEOUT,
  );
});

describe('proposals', () => {
  it(
    'lie inside the picture, by falling score, none overlapping a better one, none too small',
    async () => {
      const { scores } = build('rfcn');
      const options = { before: 40, after: 12, overlap: 0.5, smallest: 5, clip: [made.width, made.height] as const };
      const found = proposals(scores, grid(), options);
      const read = await compute({ ...found, regions: asRegions(found.boxes) });
      for (let b = 0; b < made.batch; b++) {
        const count = read.count[b] ?? 0;
        expect(count).toBeGreaterThan(1);
        const boxes = Array.from({ length: count }, (_, i) =>
          Array.from(read.boxes.slice((b * 12 + i) * 4, (b * 12 + i) * 4 + 4)),
        );
        boxes.forEach(([x1 = 0, y1 = 0, x2 = 0, y2 = 0], i) => {
          expect(Math.min(x1, y1)).toBeGreaterThanOrEqual(0);
          expect(x2).toBeLessThanOrEqual(made.width);
          expect(y2).toBeLessThanOrEqual(made.height);
          expect(Math.min(x2 - x1, y2 - y1)).toBeGreaterThanOrEqual(5);
          if (i > 0) expect(read.scores[b * 12 + i]).toBeLessThanOrEqual(read.scores[b * 12 + i - 1] ?? 0);
        });
      }
      expect(Array.from({ length: 24 }, (_, i) => read.regions[5 * i])).toEqual([
        ...Array<number>(12).fill(0),
        ...Array<number>(12).fill(1),
      ]);
    },
    TIMEOUT,
  );
});
