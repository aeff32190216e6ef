import type { DeviceTraits } from '../../gpu/device';
import { foldGroups, lineGrid } from './grid';

/** How a kernel that reduces rows is launched: which of its entry points, and the constants and grid that go with it. */
export interface RowLaunch {
  readonly form: 'serial' | 'serial4' | 'parallel';
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number];
  /** Units (invocations or workgroups) in the grid's first dimension. */
  readonly width: number;
}

/**
 * GPUs: one workgroup per row, of the size that the row fills. Software adapters, where a barrier costs more than a row: one
 * invocation per row, by vec4 where the row's length allows.
 */
export function rowLaunch(device: DeviceTraits, rows: number, columns: number): RowLaunch {
  if (device.deviceClass === 'gpu') {
    const lanes = columns <= 128 ? 32 : columns <= 512 ? 64 : 256;
    return { form: 'parallel', constants: { LANES: lanes }, ...foldGroups(rows) };
  }
  const size = 16;
  const { workgroups, width } = lineGrid(rows, size);
  return { form: columns % 4 === 0 ? 'serial4' : 'serial', constants: { WORKGROUP: size }, workgroups, width };
}
