/** The second convolutions of the backbone's blocks on one picture, with their offsets where they deform. */
import { blockWindows } from './backbone';
import type { Forward } from './forward';
import type { SamplingLayer } from './samplingPoints';
import type { DetectorShape } from './settings';

/** After an `inside` form has run: all layers, first to last. */
export async function layersOf(form: Forward, shape: DetectorShape): Promise<SamplingLayer[]> {
  const windows = blockWindows(shape);
  const first = shape.deformation === 'none' ? windows.length : Math.max(0, windows.length - shape.deformed);
  let stride = 2;
  const layers: SamplingLayer[] = [];
  for (const [i, window] of windows.entries()) {
    stride *= window.stride;
    const read = async (name: string) => (await form.read(`${name} ${i - first}`)).data;
    const deforms = i >= first;
    layers.push({
      dilation: window.dilation,
      cells: shape.size / stride,
      stride,
      offsets: deforms ? await read('offset') : undefined,
      modulation: deforms && shape.deformation === 'v2' ? await read('modulation') : undefined,
    });
  }
  return layers;
}
