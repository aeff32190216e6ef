/** What can be drawn in space: plain arrays. Colours [n, 3] in 0…1 of the page's own colour space; y is up. */

/** Points of a few pixels, whatever their distance. */
export interface PointLayer {
  readonly kind: 'points';
  /** [n, 3]. */
  readonly positions: Float32Array;
  /** [n, 3]. */
  readonly colours: Float32Array;
  /** Diameter in pixels of the page; the view's own size where left out. */
  readonly size?: number;
  /** Drawn over what lies before them: marks that must be seen. */
  readonly inFront?: boolean;
}

/** Lines from one place to another, [n, 3] each. */
export interface LineLayer {
  readonly kind: 'lines';
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly colours: Float32Array;
}

/** Cubes around `positions` [n, 3]. */
export interface CubeLayer {
  readonly kind: 'cubes';
  readonly positions: Float32Array;
  readonly colours: Float32Array;
  /** Length of an edge. */
  readonly edge: number;
}

/** Hollow balls of one radius around `positions` [n, 3]: seen by their rims. */
export interface BallLayer {
  readonly kind: 'balls';
  readonly positions: Float32Array;
  readonly colours: Float32Array;
  readonly radius: number;
}

export type SpaceLayer = PointLayer | LineLayer | CubeLayer | BallLayer;

/** One object of a view in space; several stand in a grid. */
export type SpaceCell = readonly SpaceLayer[];

/** How many things a layer holds. */
export function lengthOf(layer: SpaceLayer): number {
  return (layer.kind === 'lines' ? layer.from : layer.positions).length / 3;
}
