/** What can be drawn in the plane: plain arrays and a colour of the page. */
export type Tone = 'data' | 'hidden' | 'predicted' | 'accent' | 'faint' | 'text';
/** A colour of its own, for series that a legend tells apart (markers.ts). */
export type Paint = Tone | `#${string}`;

export type PlaneLayer =
  /** Dots at `points` [n, 2]; of another `shape` where one is given: an SVG path around the origin, about 7 pixels wide. */
  | {
      readonly kind: 'dots';
      readonly points: Float32Array;
      readonly tone: Paint;
      readonly size?: number;
      readonly shape?: string;
      readonly alpha?: number;
    }
  /** Lines from one point to another, [n, 2] each; with a head where `arrows`. */
  | {
      readonly kind: 'lines';
      readonly from: Float32Array;
      readonly to: Float32Array;
      readonly tone: Paint;
      readonly arrows?: boolean;
      readonly alpha?: number;
    }
  /** Paths through `states` [levels, n, 2], as far as level `upTo`. */
  | {
      readonly kind: 'paths';
      readonly states: Float32Array;
      readonly count: number;
      readonly upTo: number;
      readonly tone: Paint;
      readonly alpha?: number;
    }
  /** Shades of one colour: `values` [side, side] in 0…1, from the bottom row upwards. */
  | { readonly kind: 'shade'; readonly values: Float32Array; readonly side: number; readonly tone: Paint };

/** The plane −reach … reach, upwards y, on a square canvas of `side` pixels. */
export interface PlaneFrame {
  readonly side: number;
  readonly reach: number;
  readonly colourOf: (tone: Paint) => string;
  /** Device pixels of one page pixel. */
  readonly ratio: number;
}

export function paintPlane(context: CanvasRenderingContext2D, frame: PlaneFrame, layers: readonly PlaneLayer[]): void {
  context.clearRect(0, 0, frame.side, frame.side);
  for (const layer of layers) {
    context.fillStyle = context.strokeStyle = frame.colourOf(layer.tone);
    context.globalAlpha = 'alpha' in layer ? (layer.alpha ?? 1) : 1;
    context.lineWidth = frame.ratio;
    if (layer.kind === 'dots') paintDots(context, frame, layer);
    else if (layer.kind === 'lines') paintLines(context, frame, layer.from, layer.to, layer.arrows ?? false);
    else if (layer.kind === 'paths') paintPaths(context, frame, layer);
    else paintShade(context, frame, layer.values, layer.side);
  }
  context.globalAlpha = 1;
}

function across({ side, reach }: PlaneFrame, x: number): number {
  return ((x + reach) / (2 * reach)) * side;
}

function down({ side, reach }: PlaneFrame, y: number): number {
  return ((reach - y) / (2 * reach)) * side;
}

function paintDots(
  context: CanvasRenderingContext2D,
  frame: PlaneFrame,
  { points, size = 2, shape }: Extract<PlaneLayer, { kind: 'dots' }>,
): void {
  const radius = size * frame.ratio;
  const path = shape === undefined ? undefined : new Path2D(shape);
  // A shape is drawn for a radius of 3.5.
  const factor = radius / 3.5;
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [x, y] = [across(frame, points[i] ?? 0), down(frame, points[i + 1] ?? 0)];
    if (path) {
      context.setTransform(factor, 0, 0, factor, x, y);
      context.fill(path);
      continue;
    }
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
  }
  context.resetTransform();
}

function paintLines(
  context: CanvasRenderingContext2D,
  frame: PlaneFrame,
  from: Float32Array,
  to: Float32Array,
  arrows: boolean,
): void {
  context.beginPath();
  for (let i = 0; i + 1 < from.length; i += 2) {
    const [x0, y0] = [across(frame, from[i] ?? 0), down(frame, from[i + 1] ?? 0)];
    const [x1, y1] = [across(frame, to[i] ?? 0), down(frame, to[i + 1] ?? 0)];
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    if (!arrows) continue;
    const [angle, length] = [Math.atan2(y1 - y0, x1 - x0), Math.min(5 * frame.ratio, Math.hypot(x1 - x0, y1 - y0) / 2)];
    for (const turn of [2.6, -2.6]) {
      context.moveTo(x1, y1);
      context.lineTo(x1 + length * Math.cos(angle + turn), y1 + length * Math.sin(angle + turn));
    }
  }
  context.stroke();
}

function paintPaths(
  context: CanvasRenderingContext2D,
  frame: PlaneFrame,
  { states, count, upTo }: Extract<PlaneLayer, { kind: 'paths' }>,
): void {
  context.beginPath();
  for (let n = 0; n < count; n++) {
    for (let level = 0; level <= upTo; level++) {
      const at = (level * count + n) * 2;
      const [x, y] = [across(frame, states[at] ?? 0), down(frame, states[at + 1] ?? 0)];
      if (level === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  }
  context.stroke();
}

function paintShade(context: CanvasRenderingContext2D, frame: PlaneFrame, values: Float32Array, side: number): void {
  // On whole pixels: cells that overlap would show seams.
  const edge = (i: number) => Math.round((i * frame.side) / side);
  for (let row = 0; row < side; row++) {
    const [top, height] = [frame.side - edge(row + 1), edge(row + 1) - edge(row)];
    for (let column = 0; column < side; column++) {
      const value = values[row * side + column] ?? 0;
      if (value < 0.004) continue;
      context.globalAlpha = 0.45 * Math.min(1, value);
      context.fillRect(edge(column), top, edge(column + 1) - edge(column), height);
    }
  }
}
