import type { Tensor } from '../tensor';
import { ShapeError } from '../tensor';
import { permute } from './permute';
import { reshape } from './reshape';

/**
 * Images [B, C, S, S] → patches [B, L, p·p·C], L = (S/p)²; inside a patch pixel row, pixel column, then channel (facebookresearch/mae).
 * Throws ShapeError unless p divides S.
 */
export function patchify(images: Tensor, patch: number): Tensor {
  const [batch = 1, channels = 1, size = 1, other] = images.shape;
  if (images.shape.length !== 4 || size !== other || size % patch !== 0) {
    throw new ShapeError('patchify', `takes square images [B, C, S, S] whose side divides by ${patch}`, [images]);
  }
  const grid = size / patch;
  const cut = reshape(images, [batch, channels, grid, patch, grid, patch]);
  return reshape(permute(cut, [0, 2, 4, 3, 5, 1]), [batch, grid * grid, patch * patch * channels]);
}

/** Patches [B, L, p·p·C] → images [B, C, S, S]. */
export function unpatchify(patches: Tensor, patch: number, channels: number): Tensor {
  const [batch = 1, count = 1, length] = patches.shape;
  const grid = Math.round(Math.sqrt(count));
  if (grid * grid !== count || length !== patch * patch * channels) {
    throw new ShapeError('unpatchify', `takes [B, L, ${patch * patch * channels}] with L a square number`, [patches]);
  }
  const cut = reshape(patches, [batch, grid, grid, patch, patch, channels]);
  return reshape(permute(cut, [0, 5, 1, 3, 2, 4]), [batch, channels, grid * patch, grid * patch]);
}
