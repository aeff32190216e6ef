/** Held-out measurements: precision at several overlaps and sizes, and kinds of errors, on scenes never trained on. */
import type { SceneOptions } from '../../data/scenes';
import {
  averagePrecisions,
  meanPrecision,
  summarise,
  type Detection,
  type Truth,
} from '../../train/evaluation/averagePrecision';
import { detectionErrors } from '../../train/evaluation/detectionErrors';
import { HELD_OUT_SCENES, type DetectionData } from './data/data';
import { finalBoxes } from './detections';
import type { Reader } from './reader';
import type { Look } from './settings';

/** Pictures at once. */
const BATCH = 8;
/** Held-out scenes do not depend on the run's seed, so that runs of other seeds are compared on the same ones. */
export const SCENE_SEED = 20160;
/** Scores below do not count for precision. */
const LEAST = 0.05;

export interface Judged {
  readonly truths: readonly Truth[];
  readonly detections: readonly Detection[];
  readonly scenes: number;
}

/** Runs the detector over held-out scenes. */
export async function judge(
  reader: Reader,
  data: DetectionData,
  options: {
    readonly look: Look;
    readonly scene: SceneOptions;
    /** Scenes at most. */
    readonly most?: number;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<Judged> {
  const { look, scene, most = HELD_OUT_SCENES, onProgress } = options;
  const total = Math.min(most, data.count('test'));
  const truths: Truth[] = [];
  const detections: Detection[] = [];
  for (let first = 0; first < total; first += BATCH) {
    const scenes = Array.from({ length: Math.min(BATCH, total - first) }, (_, i) =>
      data.scene('test', SCENE_SEED, first + i, scene),
    );
    const form = reader.form({ batch: BATCH, proposals: look.proposals });
    await form.run(
      scenes.map((s) => s.pixels),
      look.proposalOverlap,
    );
    const found = await form.regions();
    scenes.forEach(({ objects }, b) => {
      const image = String(first + b);
      for (const { label, box } of objects) truths.push({ image, label, box });
      const regions = found[b];
      if (!regions) return;
      for (const { label, box, score } of finalBoxes(regions, { least: LEAST, overlap: look.overlap }))
        detections.push({ image, label, box, score });
    });
    onProgress?.(Math.min(total, first + BATCH), total);
  }
  return { truths, detections, scenes: total };
}

/** Areas that divide small, medium and large: objects of a quarter and of 0.4 of the picture's side (COCO's are absolute). */
function borders(size: number): readonly [number, number] {
  return [(0.25 * size) ** 2, (0.4 * size) ** 2];
}

/**
 * The judgement in numbers: ap50, ap75, ap (.5 to .95), apSmall, apMedium, apLarge, recall of the detections at overlap .5 (all scores), and
 * the share of each kind of error among the detections of the score that the control says.
 */
export function figures({ truths, detections }: Judged, size: number, score: number): Record<string, number> {
  const { ap50, ap75, ap, small, medium, large } = summarise(truths, detections, borders(size));
  const errors = detectionErrors(truths, detections, { least: score });
  const shown = detections.filter((d) => d.score >= score).length;
  const found = detectionErrors(truths, detections);
  const share = (n: number) => (shown > 0 ? n / shown : 0);
  return finite({
    ...{ ap50, ap75, ap, apSmall: small, apMedium: medium, apLarge: large },
    recall: found.hits / Math.max(1, truths.length),
    localisationErrors: share(errors.localisation),
    classErrors: share(errors.classification),
    duplicateErrors: share(errors.duplicate),
    backgroundErrors: share(errors.background),
    missed: errors.missed / Math.max(1, truths.length),
  });
}

/** What cannot be told (no object of a size) is left out. */
function finite(all: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(all).filter(([, v]) => Number.isFinite(v)));
}

/** Mean average precision at one overlap. */
export function precisionAt({ truths, detections }: Judged, limit: number): number {
  return meanPrecision(averagePrecisions(truths, detections, { limit }));
}

/** Runs of a timing; the fastest counts. */
const ROUNDS = 3;

/** Milliseconds for one picture: what all regions share (backbone and anchors), and what the regions add. */
export async function timePerPicture(
  reader: Reader,
  data: DetectionData,
  { proposals, proposalOverlap }: Look,
  scene: SceneOptions,
): Promise<{ readonly shared: number; readonly regions: number }> {
  const { pixels } = data.scene('test', SCENE_SEED, 0, scene);
  const fastest = async (form: ReturnType<Reader['form']>) => {
    await form.run([pixels], proposalOverlap);
    await form.done();
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const before = performance.now();
      await form.run([pixels], proposalOverlap);
      await form.done();
      best = Math.min(best, performance.now() - before);
    }
    return best;
  };
  const shared = await fastest(reader.form({ batch: 1, proposals: 0 }));
  const whole = await fastest(reader.form({ batch: 1, proposals }));
  return { shared, regions: Math.max(0, whole - shared) };
}
