/** A detector from picture to regions: backbone, proposals and head as one graph of fixed sizes. */
import { imageBatch } from '../../engine/ops/images';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { NormMode } from '../../nn/normalisation';
import type { ParameterSource } from '../../nn/parameters';
import { anchors } from '../../nn/regions';
import { backbone, strideOf, type BackboneOptions } from './backbone';
import { fasterHead, rfcnHead, type FasterScores, type RfcnMaps } from './heads';
import { scoreAnchors, type AnchorScores } from './regionProposals';
import type { DetectorShape } from './settings';

/** Pictures are bytes; the network is given (v/255 − ½) · 4. */
const STANDARD = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;
/** Groups of the group norms; the narrowest layer has eight channels. */
const GROUPS = 4;

/** Bytes of pictures [words] and which of them → [B, 3, S, S]. */
export function pictureBatch(bytes: Tensor, indices: Tensor, size: number): Tensor {
  return imageBatch(bytes, indices, { channels: 3, size, ...STANDARD });
}

/** Cells of the features along an edge. */
export function cellsOf({ size, atrous }: Pick<DetectorShape, 'size' | 'atrous'>): number {
  return size / strideOf({ atrous });
}

export function anchorsPerCell({ scales, ratios }: Pick<DetectorShape, 'scales' | 'ratios'>): number {
  return scales.length * ratios.length;
}

/** All anchors of a picture, [cells² · perCell, 4]. */
export function anchorBoxes(shape: DetectorShape): Float32Array<ArrayBuffer> {
  const cells = cellsOf(shape);
  const { scales, ratios } = shape;
  return anchors({ height: cells, width: cells, stride: strideOf(shape), scales, ratios });
}

export function anchorGrid(shape: DetectorShape): Tensor {
  const boxes = anchorBoxes(shape);
  return constant(boxes, [boxes.length / 4, 4]);
}

/** What all regions of a picture share. */
export interface SharedPart {
  /** [B, C, cells, cells]. */
  readonly features: Tensor;
  readonly anchors: AnchorScores;
}

export function sharedPart(
  p: ParameterSource,
  images: Tensor,
  shape: DetectorShape,
  mode: NormMode,
  tap?: BackboneOptions['tap'],
): SharedPart {
  const { widths, blocks, atrous, deformation, deformed, offsetRate, norm } = shape;
  const features = backbone(p, images, {
    ...{ widths, blocks, atrous, deformation, deformed, offsetRate },
    norm: norm === 'batch' ? { kind: 'batch', mode } : { kind: 'group', groups: GROUPS },
    ...(tap && { tap }),
  });
  return { features, anchors: scoreAnchors(p, features, anchorsPerCell(shape), widths[3]) };
}

/** What the head says of regions [R, 5]. */
export function judgeRegions(
  p: ParameterSource,
  features: Tensor,
  rois: Tensor,
  shape: DetectorShape,
): FasterScores | RfcnMaps {
  const { classes, bins, pooling, hidden, offsetRate, method } = shape;
  const common = { classes, bins, offsetRate, stride: strideOf(shape) };
  if (method === 'rfcn') return rfcnHead(p, features, rois, { ...common, deformable: pooling === 'deformable' });
  if (pooling === 'plain') throw new Error('pooling "plain" belongs to R-FCN; take pool, align or deformable');
  return fasterHead(p, features, rois, { ...common, hidden, pooling });
}
