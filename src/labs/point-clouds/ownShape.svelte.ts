/** The reader's own shape: read from a file in a thread of its own, or drawn; then set upright and into the unit sphere. */
import * as Comlink from 'comlink';
import { normaliseCloud, type Cloud } from '../../data/cloud';
import { Draws } from '../../data/draws';
import { LARGEST_FILE, tooLarge } from '../../data/ownShapes';
import { textOf } from '../../data/saidError';
import { sketchCloud, type Outline, type SketchOptions } from '../../data/sketch';
import type { Text } from '../../train/control';
import type { ShapeReader } from './shapeReader';

/** Points shown and held at most. */
export const MOST_SHOWN = 100_000;
/** Of a drawing. */
const DRAWN_POINTS = 8192;

export type Up = 'y' | 'z';

export class OwnShape {
  /** In the unit sphere, y up; undefined while there is none. */
  cloud = $state.raw<Cloud | undefined>();
  name = $state('');
  notes = $state.raw<readonly Text[]>([]);
  held = $state.raw<{ readonly points: number; readonly triangles: number } | undefined>();
  problem = $state.raw<Text | undefined>();
  /** The file that is being read. */
  reading = $state('');
  up = $state<Up>('y');
  /** The lines drawn so far. */
  strokes = $state.raw<readonly Outline[]>([]);
  private given: Cloud | undefined;
  private thread: Worker | undefined;

  async read(file: File): Promise<void> {
    this.stop();
    this.problem = undefined;
    this.reading = file.name;
    const thread = new Worker(new URL('./shapeReader.ts', import.meta.url), { type: 'module' });
    this.thread = thread;
    try {
      // The reader of files would say it too, but only after the whole file has been brought into memory.
      if (file.size > LARGEST_FILE) throw tooLarge(file.name, file.size);
      const bytes = await file.arrayBuffer();
      const reader = Comlink.wrap<ShapeReader>(thread);
      const shape = await reader.read(Comlink.transfer({ name: file.name, bytes }, [bytes]), { points: MOST_SHOWN });
      if (this.thread !== thread) return;
      if ('problem' in shape) {
        this.problem = shape.problem;
        return;
      }
      this.given = shape.cloud;
      this.name = shape.name;
      this.notes = shape.notes;
      this.held = shape.held;
      this.place();
    } catch (error) {
      if (this.thread === thread) this.problem = textOf(error);
    } finally {
      if (this.thread === thread) this.stop();
      else thread.terminate();
    }
  }

  /** Gives up on a file. */
  stop(): void {
    this.thread?.terminate();
    this.thread = undefined;
    this.reading = '';
  }

  draw(outlines: readonly Outline[], options: Omit<SketchOptions, 'points'>, name: string): void {
    this.problem = undefined;
    try {
      this.given = sketchCloud(outlines, { ...options, points: DRAWN_POINTS }, new Draws(1, 'drawing'));
    } catch (error) {
      this.problem = textOf(error);
      return;
    }
    this.name = name;
    this.notes = [];
    this.held = undefined;
    this.up = 'y';
    this.place();
  }

  setUp(up: Up): void {
    this.up = up;
    this.place();
  }

  private place(): void {
    if (this.given) this.cloud = normaliseCloud(this.up === 'z' ? upright(this.given) : this.given).cloud;
  }
}

/** A cloud whose z points up, turned so that y does. */
export function upright(cloud: Cloud): Cloud {
  const turn = (v: Float32Array) => {
    const out = new Float32Array(v.length);
    for (let i = 0; i < v.length; i += 3) {
      out[i] = v[i] ?? 0;
      out[i + 1] = v[i + 2] ?? 0;
      out[i + 2] = -(v[i + 1] ?? 0);
    }
    return out;
  };
  return { points: turn(cloud.points), normals: turn(cloud.normals), parts: cloud.parts };
}
