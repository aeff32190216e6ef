/**
 * What the page asks a run's views for, and what it gets. `worker.view(name, request)` gives flat tensors; `readers.ts` makes of them what stands
 * here. Boxes are (x1, y1, x2, y2) in pixels of the picture; pictures are planes [3, S, S] of bytes. Thresholds act in the page itself, on what a
 * view gave: `suppress` and `finalBoxes` of `detections.ts`.
 */
import type { SceneOptions } from '../../../data/scenes';
import type { Box } from '../../../train/evaluation/averagePrecision';

/** An object put where the reader wants it. */
export interface PosedObject {
  /** Number of a sprite among those of the set that the classes leave; the view `sprites` lists them. */
  readonly sprite: number;
  /** Centre in pixels, the longer side in pixels, turn in radians, strength of the bend (0 to 1, always the same bend). */
  readonly x: number;
  readonly y: number;
  readonly extent: number;
  readonly rotation: number;
  readonly warp: number;
}

/** Which picture is looked at; every request of a view holds this. The first that is given counts: own, posed, number. */
export interface PictureRequest {
  /** The reader's own picture at the run's size. */
  readonly own?: Uint8Array;
  /** Objects on a photograph of this number (0: the first). */
  readonly posed?: { readonly photograph: number; readonly objects: readonly PosedObject[] };
  /** Number of a scene (0): held out unless `which` says otherwise, as the controls distort it. */
  readonly number?: number;
  readonly which?: 'train' | 'test';
  /** In place of what the controls say. */
  readonly options?: Partial<Omit<SceneOptions, 'size'>>;
}

/** View `picture`: what is looked at, and its truth (empty for own pictures). */
export interface ShownPicture {
  readonly size: number;
  readonly pixels: Uint8Array;
  readonly truths: readonly { readonly label: number; readonly box: Box }[];
}

/** View `sprites`: what can be posed: held-out ones first. */
export interface ShownSprites {
  readonly labels: Uint32Array;
  /** 1 where the sprite is held out. */
  readonly heldOut: Uint32Array;
  /** RGBA planes [count, 4, side, side]. */
  readonly pixels: Uint8Array;
  readonly side: number;
  readonly photographs: number;
}

/** View `anchors`: all anchors, cell by cell in rows, `perCell` each; request also: nothing. */
export interface ShownAnchors {
  readonly perCell: number;
  /** Cells of the map along each edge. */
  readonly cells: number;
  readonly boxes: readonly Box[];
  /** Probability of an object under each. */
  readonly objectness: Float32Array;
  /** 1 positive, 0 negative, −1 neither, as training labels them on this picture's truth. */
  readonly labels: Float32Array;
  /** Largest overlap with a truth. */
  readonly overlaps: Float32Array;
}

/** View `proposals`: the best boxes before suppression, by falling score (300 at most). */
export interface ShownProposals {
  readonly boxes: readonly Box[];
  /** Probability of an object. */
  readonly scores: readonly number[];
}

/**
 * View `detections`: the regions after the proposals' suppression, and what the head says of each; before the final suppression. Request also:
 * `overlap` of that first suppression, in place of the control's.
 */
export interface ShownRegions {
  readonly regions: readonly Box[];
  /** Of each region [classes + 1]; 0 is the background. */
  readonly probabilities: readonly Float32Array[];
  /** The region as the head moves it. */
  readonly boxes: readonly Box[];
}

/** A box that is left at the end; `region` is the number of the region that it came from. */
export interface FinalBox {
  readonly label: number;
  readonly score: number;
  readonly box: Box;
  readonly region: number;
}

/** View `votes` (R-FCN); request also: `label` and `boxes` (one or more regions, the reader's own, such as a well-placed and a shifted one). */
export interface VotesRequest extends PictureRequest {
  /** Class, 0 the first; −1 the background. */
  readonly label: number;
  readonly boxes: readonly Box[];
}

export interface ShownVotes {
  readonly k: number;
  /** Score maps of the class, [k · k, cells, cells], by rows of bins: map (i, j) is i · k + j. */
  readonly maps: Float32Array;
  readonly cells: number;
  readonly pixelsPerCell: number;
  /** Of each asked box: what each bin says [k · k], their mean, and the probabilities of all classes [classes + 1]. */
  readonly votes: readonly {
    readonly bins: Float32Array;
    readonly score: number;
    readonly probabilities: Float32Array;
  }[];
}

/** View `sampling`; request also: the clicked position. */
export interface SamplingRequest extends PictureRequest {
  readonly x: number;
  readonly y: number;
}

/**
 * Where the last three 3 × 3 layers (the second of each of the last blocks) look for the cell under a position, in pixels: 9, 81 and 729 points
 * (x, y), through one layer, two and three. Layers that do not deform look at their regular grid.
 */
export interface ShownSampling {
  /** Centre of the cell. */
  readonly centre: readonly [number, number];
  readonly levels: readonly Float32Array[];
  /** Product of the taps' modulation on the way (1 without), for each point of each level. */
  readonly weights: readonly Float32Array[];
  /** Which of the three deform, first of the network first. */
  readonly deformed: readonly boolean[];
}

/** View `offsets`; request also: `layer`, from the last (0) backwards. */
export interface OffsetsRequest extends PictureRequest {
  readonly layer: number;
}

/** Offsets of one deformable layer for every cell. */
export interface ShownOffsets {
  readonly cells: number;
  readonly pixelsPerCell: number;
  /** Deformable layers that there are. */
  readonly layers: number;
  /** [9, 2 (y, x), cells, cells], in pixels. */
  readonly offsets: Float32Array;
  /** [9, cells, cells]; all 1 in version 1. */
  readonly modulation: Float32Array;
  /** Mean distance of neighbouring sampling points of each cell over that of the regular grid: 1 where nothing has been learned. */
  readonly dilation: Float32Array;
  /** The same at the centre of each truth, in their order. */
  readonly atTruths: Float32Array;
}

/** View `bins` (deformable pooling); request also: regions. */
export interface BinsRequest extends PictureRequest {
  readonly boxes: readonly Box[];
}

export interface ShownBins {
  readonly k: number;
  /** Of each asked region: its bins as they stand and as they are moved, [k · k] boxes, and the shifts (x, y) in pixels. */
  readonly regions: readonly {
    readonly plain: readonly Box[];
    readonly moved: readonly Box[];
    readonly shifts: Float32Array;
  }[];
}

/** View `scores`: the held-out scenes judged; request: `scenes`, how many (evaluation's number unless given). */
export interface ShownScores {
  /** Figures of the evaluation by name. */
  readonly figures: Readonly<Record<string, number>>;
  /** Average precision at .5 of each class; NaN where the scenes hold none. */
  readonly classPrecision: Float32Array;
  /** Precision at recalls 0, .01 … 1 of each class [classes][101], at overlaps .5 and .75. */
  readonly curves50: readonly Float32Array[];
  readonly curves75: readonly Float32Array[];
  /** At the score that the control says. */
  readonly errors: Readonly<
    Record<'hits' | 'localisation' | 'classification' | 'duplicate' | 'background' | 'missed', number>
  >;
  /** Milliseconds for a picture: what all regions share, and the rest; and how many regions there were. */
  readonly time: { readonly shared: number; readonly regions: number; readonly count: number };
}
