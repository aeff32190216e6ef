/** A held-out scene on its way to its boxes: anchors, proposals, what is left of them, and what the detector says at last. */
import { categoryColour, TONES } from '../../ui/pointColours';
import type { Corners } from '../../ui/pictureLayers';
import { PICTURE, type LabPicture } from '../picture';
import { scaledPlanes } from './data/scaledPlanes';
import { finals, proposalStages } from './stages';
import { anchorsOf, pictureOf, proposalsOf, regionsOf } from './views/readers';

/** Steps of training before the picture is taken. */
const STEPS = 300;
const SCENE = 2;

type Rgb = readonly number[];

export const picture: LabPicture = {
  link: '#/detection?v=1&data=emoji&classes=one&width=8&k=5&hidden=64&blocks=1&batch=2&objects=3&smallest=0.35&largest=0.6&scales=36-64&steps=1500&lr=0.003&every=0',
  async draw(session) {
    await session.advance(STEPS);
    const ask = (name: string) => session.view(name, { number: SCENE });
    const { size, pixels, truths } = pictureOf(await ask('picture'));
    const proposals = proposalsOf(await ask('proposals'));
    const found = finals(regionsOf(await ask('detections')), {
      ...{ proposal: 0, proposalOverlap: 1 },
      ...{ score: 0.5, overlap: 0.3 },
    });
    const anchors = anchorsOf(await ask('anchors'));
    const best = proposals.scores[0] ?? 1;
    const at = (share: number, overlap: number) =>
      proposalStages(proposals, { proposal: share * best, proposalOverlap: overlap, score: 0, overlap: 1 }).kept;
    const boxes = (all: readonly { readonly box: Corners }[]) => all.map((b) => b.box);
    const stages: readonly { readonly boxes: readonly Corners[]; readonly colour: Rgb; readonly thick?: boolean }[] = [
      { boxes: [], colour: TONES.quiet },
      { boxes: anchors.boxes.filter((_, i) => (anchors.labels[i] ?? 0) > 0), colour: TONES.quiet },
      { boxes: boxes(at(0.5, 1)).slice(0, 60), colour: TONES.accent },
      { boxes: boxes(at(0.8, 1)).slice(0, 24), colour: TONES.accent },
      { boxes: boxes(at(0.8, 0.5)).slice(0, 8), colour: TONES.accent },
      ...[0, 1, 2].map(() => ({ boxes: boxes(found), colour: categoryColour(1), thick: true })),
    ];
    const view = new Crop(
      pixels,
      size,
      truths.map((t) => t.box),
    );
    return stages.slice(0, PICTURE.frames).map((stage) => view.drawn(stage));
  },
};

/** A scene at the width of a frame, cut to its height where its objects are. */
class Crop {
  private readonly planes: Uint8Array;
  private readonly factor: number;
  private readonly top: number;

  constructor(pixels: Uint8Array, size: number, objects: readonly Corners[]) {
    const { width, height } = PICTURE;
    this.factor = width / size;
    this.planes = scaledPlanes(pixels, size, width);
    const ends = objects.flatMap(([, y1, , y2]) => [y1, y2]);
    const middle = (this.factor * (Math.min(...ends, size) + Math.max(...ends, 0))) / 2;
    this.top = Math.round(Math.min(width - height, Math.max(0, middle - height / 2)));
  }

  /** RGB bytes [height, width, 3]. */
  drawn(stage: { readonly boxes: readonly Corners[]; readonly colour: Rgb; readonly thick?: boolean }): Uint8Array {
    const { width, height } = PICTURE;
    const plane = width * width;
    const rgb = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < 3; c++) rgb[3 * i + c] = this.planes[c * plane + this.top * width + i] ?? 0;
    for (const box of stage.boxes) {
      if (stage.thick) this.frame(rgb, box, [0.04, 0.04, 0.06], 1);
      this.frame(rgb, box, stage.colour, 0);
      if (stage.thick) this.frame(rgb, box, stage.colour, -1);
    }
    return rgb;
  }

  /** The outline of a box, `out` pixels further out. */
  private frame(rgb: Uint8Array, box: Corners, colour: Rgb, out: number): void {
    const { width, height } = PICTURE;
    const [x1, y1, x2, y2] = box.map((v) => Math.round(v * this.factor)) as [number, number, number, number];
    const [left, right] = [x1 - out, x2 - 1 + out];
    const [upper, lower] = [y1 - out - this.top, y2 - 1 + out - this.top];
    const put = (x: number, y: number) => {
      if (x < 0 || x >= width || y < 0 || y >= height) return;
      colour.forEach((v, c) => (rgb[3 * (y * width + x) + c] = Math.round(255 * v)));
    };
    for (let x = left; x <= right; x++) for (const y of [upper, lower]) put(x, y);
    for (let y = upper; y <= lower; y++) for (const x of [left, right]) put(x, y);
  }
}
