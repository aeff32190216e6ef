import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';
import { vjp } from '../autodiff';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { constant } from '../state';
import type { Tensor } from '../tensor';
import { conv } from './conv';
import { deformConv } from './deformConv';
import { full } from './pointwise';

const TIMEOUT = 400_000;

function normals(name: string, shape: readonly number[], scale = 1): Tensor {
  const size = shape.reduce((n, d) => n * d, 1);
  return constant(
    philoxNormals(size, 1, name).map((v) => v * scale),
    shape,
  );
}

/** Offsets that are the same (Δy, Δx) for all of `taps` taps everywhere. */
function everywhere(dy: number, dx: number, taps: number, [B = 1, H = 1, W = 1]: readonly number[]): Tensor {
  const values = Float32Array.from({ length: B * 2 * taps * H * W }, (_, i) =>
    Math.floor(i / (H * W)) % 2 === 0 ? dy : dx,
  );
  return constant(values, [B, 2 * taps, H, W]);
}

describe.each(DEVICE_CLASSES)('deformable convolution with the kernels for a %s device', (deviceClass) => {
  it(
    'agrees with the oracle',
    async () => {
      expect(await goldenFailures('deformConv', deviceClass)).toEqual([]);
    },
    TIMEOUT,
  );

  it('without offsets is the convolution, and with a mask of a half, half of it', async () => {
    const [x, w] = [normals('x', [2, 5, 7, 6]), normals('w', [3, 3, 5, 18])];
    const options = { padding: 2, dilation: 2 };
    const offset = full([2, 18, 7, 6], 0);
    const found = await compute(
      {
        plain: conv(x, w, options),
        deformable: deformConv(x, offset, w, options),
        half: deformConv(x, offset, w, { ...options, mask: full([2, 9, 7, 6], 0.5) }),
      },
      deviceClass,
    );
    expect(relativeError(found.deformable, found.plain)).toBeLessThan(1e-6);
    expect(
      relativeError(
        found.half.map((v) => v * 2),
        found.plain,
      ),
    ).toBeLessThan(1e-6);
  });

  it('with offsets of (0, 1) everywhere reads the picture one column further', async () => {
    const [B, C, H, W] = [1, 3, 5, 6];
    const x = normals('x', [B, C, H, W]);
    const w = normals('w', [3, 3, C, 4]);
    const source = philoxNormals(B * C * H * W, 1, 'x');
    const shifted = source.map((_, i) => (i % W === W - 1 ? 0 : (source[i + 1] ?? NaN)));
    const options = { padding: 1 };
    const found = await compute(
      {
        shifted: conv(constant(shifted, [B, C, H, W]), w, options),
        deformable: deformConv(x, everywhere(0, 1, 9, [B, H, W]), w, options),
      },
      deviceClass,
    );
    // The first column differs: the picture's own first column is no longer behind the border but read from inside.
    const inner = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => i % W !== 0);
    expect(relativeError(inner(found.deformable), inner(found.shifted))).toBeLessThan(1e-6);
  });

  it('has a gradient by the input that is the same bits each time', async () => {
    const [x, w, offset] = [normals('x', [2, 4, 9, 8]), normals('w', [3, 3, 4, 6]), normals('o', [2, 18, 9, 8], 2)];
    const y = deformConv(x, offset, w, { padding: 1 });
    const [dx] = vjp([y], [normals('g', y.shape)], [x]);
    if (!dx) throw new Error('no gradient');
    const [first, second] = [await compute({ dx }, deviceClass), await compute({ dx }, deviceClass)];
    expect(Array.from(first.dx)).toEqual(Array.from(second.dx));
  });
});

describe('deformable convolution', () => {
  it('says what does not fit', () => {
    const [x, w] = [normals('x', [1, 4, 5, 5]), normals('w', [3, 3, 4, 2])];
    expect(() => deformConv(x, full([1, 17, 5, 5], 0), w, { padding: 1 })).toThrow(/offset \[B, 2·G·9, 5, 5\]/);
    expect(() => deformConv(x, full([1, 54, 5, 5], 0), w, { padding: 1 })).toThrow(/C a multiple of G/);
    expect(() => deformConv(x, full([1, 18, 5, 5], 0), w, { padding: 1, mask: full([1, 18, 5, 5], 1) })).toThrow(
      /mask/,
    );
    expect(() => deformConv(x, full([1, 18, 3, 3], 0), normals('w', [7, 7, 4, 2]))).toThrow(/larger than the padded/);
  });
});
