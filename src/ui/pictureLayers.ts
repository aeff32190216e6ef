/** What can be drawn over a picture: plain arrays in pixels of the picture, y downwards, and a colour of the page. */
import { heatColour, signedColour } from './pointColours';

export type MarkTone = 'truth' | 'predicted' | 'hidden' | 'accent' | 'faint' | 'wrong';

/** (x1, y1, x2, y2). */
export type Corners = readonly [number, number, number, number];

export interface MarkedBox {
  readonly box: Corners;
  readonly tone: MarkTone;
  readonly label?: string;
  readonly alpha?: number;
  readonly dashed?: boolean;
  /** Width of the line in page pixels. */
  readonly width?: number;
  /** Squares to take hold of at its corners. */
  readonly handles?: boolean;
}

export type PictureLayer =
  /** Makes the picture fainter, so that what lies over it can be told. */
  | { readonly kind: 'veil'; readonly alpha: number }
  | { readonly kind: 'boxes'; readonly boxes: readonly MarkedBox[] }
  /** Dots at `points` [n, 2]. */
  | {
      readonly kind: 'dots';
      readonly points: ArrayLike<number>;
      readonly tone: MarkTone;
      readonly size?: number;
      readonly alpha?: number;
    }
  /** Lines from one point to another, [n, 2] each; with a head where `arrows`. */
  | {
      readonly kind: 'lines';
      readonly from: ArrayLike<number>;
      readonly to: ArrayLike<number>;
      readonly tone: MarkTone;
      readonly arrows?: boolean;
      readonly alpha?: number;
    }
  /** `values` [height, width] over the whole picture: signed about 0 in a diverging map, or from 0 up in viridis; full at `most`. */
  | {
      readonly kind: 'map';
      readonly values: ArrayLike<number>;
      readonly width: number;
      readonly height: number;
      readonly most: number;
      readonly signed: boolean;
      readonly alpha?: number;
    }
  /** A box cut into bins × bins; of one of them, `bin`, the frame is stronger. */
  | {
      readonly kind: 'grid';
      readonly box: Corners;
      readonly bins: number;
      readonly tone: MarkTone;
      readonly bin?: number;
    };

export interface PictureFrame {
  /** Pixels of the canvas for one of the picture. */
  readonly scale: number;
  /** Of the canvas. */
  readonly width: number;
  readonly height: number;
  /** Device pixels of one page pixel. */
  readonly ratio: number;
  readonly colourOf: (tone: MarkTone) => string;
}

/** Under every line, so that it is seen on light and on dark parts of a photograph. */
const CASING = 'rgb(10 10 14 / 70%)';

export function paintLayers(
  context: CanvasRenderingContext2D,
  frame: PictureFrame,
  layers: readonly PictureLayer[],
): void {
  for (const layer of layers) {
    context.save();
    if (layer.kind === 'veil') paintVeil(context, frame, layer.alpha);
    else if (layer.kind === 'boxes') for (const box of layer.boxes) paintBox(context, frame, box);
    else if (layer.kind === 'dots') paintDots(context, frame, layer);
    else if (layer.kind === 'lines') paintLines(context, frame, layer);
    else if (layer.kind === 'map') paintMap(context, frame, layer);
    else paintGrid(context, frame, layer);
    context.restore();
  }
}

function paintVeil(context: CanvasRenderingContext2D, frame: PictureFrame, alpha: number): void {
  context.globalAlpha = alpha;
  context.fillStyle = '#14151a';
  context.fillRect(0, 0, frame.width, frame.height);
}

/** Dashes are the line's own: below them the casing is whole. */
function strokeTwice(
  context: CanvasRenderingContext2D,
  width: number,
  colour: string,
  draw: () => void,
  dashes: readonly number[] = [],
): void {
  for (const [line, style, pattern] of [
    [width + 1.5, CASING, []],
    [width, colour, dashes],
  ] as const) {
    context.lineWidth = line;
    context.strokeStyle = style;
    context.setLineDash([...pattern]);
    draw();
  }
}

function paintBox(context: CanvasRenderingContext2D, frame: PictureFrame, marked: MarkedBox): void {
  const { scale, ratio } = frame;
  const [x1, y1, x2, y2] = marked.box.map((v) => v * scale) as [number, number, number, number];
  const colour = frame.colourOf(marked.tone);
  const width = (marked.width ?? 2) * ratio;
  context.globalAlpha = marked.alpha ?? 1;
  const dashes = marked.dashed ? [5 * ratio, 4 * ratio] : [];
  // Thin boxes come by the hundred: a casing would blacken the picture.
  if (width > 1.2 * ratio)
    strokeTwice(context, width, colour, () => context.strokeRect(x1, y1, x2 - x1, y2 - y1), dashes);
  else {
    context.setLineDash(dashes);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  }
  context.setLineDash([]);
  if (marked.handles) {
    const side = 9 * ratio;
    context.fillStyle = colour;
    for (const [x, y] of [
      [x1, y1],
      [x2, y1],
      [x1, y2],
      [x2, y2],
    ] as const)
      context.fillRect(x - side / 2, y - side / 2, side, side);
  }
  if (marked.label) paintLabel(context, frame, marked.label, x1, y1, colour);
}

/** A name on its colour above a box; inside the picture always. */
function paintLabel(
  context: CanvasRenderingContext2D,
  { ratio, width, height }: PictureFrame,
  label: string,
  x: number,
  y: number,
  colour: string,
): void {
  const size = 12 * ratio;
  context.font = `600 ${size}px 'Inter Variable', system-ui, sans-serif`;
  const across = context.measureText(label).width + 8 * ratio;
  const down = size + 5 * ratio;
  const left = Math.max(0, Math.min(x - ratio, width - across));
  const top = Math.max(0, Math.min(y - down, height - down));
  context.fillStyle = colour;
  context.fillRect(left, top, across, down);
  context.fillStyle = isLight(colour) ? '#14151a' : '#ffffff';
  context.textBaseline = 'middle';
  context.fillText(label, left + 4 * ratio, top + down / 2 + ratio / 2);
}

/** Whether dark letters are better read on it; for #rrggbb. */
function isLight(colour: string): boolean {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (!hex) return false;
  const value = parseInt(hex, 16);
  return 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255) > 140;
}

function paintDots(
  context: CanvasRenderingContext2D,
  { scale, ratio, colourOf }: PictureFrame,
  { points, tone, size = 2.5, alpha = 1 }: Extract<PictureLayer, { kind: 'dots' }>,
): void {
  context.globalAlpha = alpha;
  context.fillStyle = colourOf(tone);
  context.strokeStyle = CASING;
  context.lineWidth = ratio;
  for (let i = 0; i + 1 < points.length; i += 2) {
    context.beginPath();
    context.arc((points[i] ?? 0) * scale, (points[i + 1] ?? 0) * scale, size * ratio, 0, 7);
    if (size > 2) context.stroke();
    context.fill();
  }
}

function paintLines(
  context: CanvasRenderingContext2D,
  { scale, ratio, colourOf }: PictureFrame,
  { from, to, tone, arrows = false, alpha = 1 }: Extract<PictureLayer, { kind: 'lines' }>,
): void {
  context.globalAlpha = alpha;
  context.lineCap = 'round';
  const trace = () => {
    context.beginPath();
    for (let i = 0; i + 1 < from.length; i += 2) {
      const [x0, y0] = [(from[i] ?? 0) * scale, (from[i + 1] ?? 0) * scale];
      const [x1, y1] = [(to[i] ?? 0) * scale, (to[i + 1] ?? 0) * scale];
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
      if (!arrows) continue;
      const angle = Math.atan2(y1 - y0, x1 - x0);
      const length = Math.min(5 * ratio, Math.hypot(x1 - x0, y1 - y0) / 2);
      for (const turn of [2.6, -2.6]) {
        context.moveTo(x1, y1);
        context.lineTo(x1 + length * Math.cos(angle + turn), y1 + length * Math.sin(angle + turn));
      }
    }
    context.stroke();
  };
  strokeTwice(context, 1.2 * ratio, colourOf(tone), trace);
}

function paintMap(
  context: CanvasRenderingContext2D,
  frame: PictureFrame,
  { values, width, height, most, signed, alpha = 0.75 }: Extract<PictureLayer, { kind: 'map' }>,
): void {
  // On whole pixels: cells that overlap would show seams.
  const across = (i: number) => Math.round((i * frame.width) / width);
  const down = (i: number) => Math.round((i * frame.height) / height);
  context.globalAlpha = alpha;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const share = (values[y * width + x] ?? 0) / (most || 1);
      const [r, g, b] = (signed ? signedColour(share) : heatColour(share)).map((v) => Math.round(255 * v));
      context.fillStyle = `rgb(${r} ${g} ${b})`;
      context.fillRect(across(x), down(y), across(x + 1) - across(x), down(y + 1) - down(y));
    }
}

function paintGrid(
  context: CanvasRenderingContext2D,
  { scale, ratio, colourOf }: PictureFrame,
  { box, bins, tone, bin }: Extract<PictureLayer, { kind: 'grid' }>,
): void {
  const [x1, y1, x2, y2] = box.map((v) => v * scale) as [number, number, number, number];
  const [w, h] = [(x2 - x1) / bins, (y2 - y1) / bins];
  const trace = () => {
    context.beginPath();
    for (let i = 0; i <= bins; i++) {
      context.moveTo(x1 + i * w, y1);
      context.lineTo(x1 + i * w, y2);
      context.moveTo(x1, y1 + i * h);
      context.lineTo(x2, y1 + i * h);
    }
    context.stroke();
  };
  context.globalAlpha = bin === undefined ? 1 : 0.55;
  strokeTwice(context, ratio, colourOf(tone), trace);
  if (bin === undefined) return;
  context.globalAlpha = 1;
  strokeTwice(context, 2.5 * ratio, colourOf(tone), () =>
    context.strokeRect(x1 + (bin % bins) * w, y1 + Math.floor(bin / bins) * h, w, h),
  );
}
