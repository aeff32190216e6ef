/** How the lab's data are shown. */
import type { Config } from '../../train/control';
import type { DataSummary } from '../../train/protocol';
import { isDensity } from './data/densities';

/** Densities lie in −1…1; noised points around them. */
export const PLANE_REACH = 1.6;

export function isPlane(config: Config): boolean {
  return isDensity(String(config['data']));
}

export function imageShape(data: DataSummary | undefined): { channels: number; size: number } | undefined {
  const [channels, size] = data?.sample ?? [];
  return channels === undefined || size === undefined ? undefined : { channels, size };
}
