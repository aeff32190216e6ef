import * as v from 'valibot';
import { pickPoints } from '../../../data/cloud';
import { UNDISTORTED } from '../../../engine/ops/augmentPoints';
import { blockCloud, cutBlocks, frameOf, type Block } from '../data/blocks';
import { best } from '../metrics';
import { NO_LABEL } from '../training';
import type { SeenCloud } from '../forward';
import { floats, wholes, type MakeView } from './looker';

const Asked = v.object({
  /** Which held-out room. */
  room: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  distorted: v.optional(v.boolean(), true),
});
/** Blocks at once. */
const BATCH = 8;

/**
 * A held-out room, block by block: `points` [M, 3] in metres, `truth` and `predictions` u32 [M] (255: in a block with too few points, or
 * lost to the sliders' distortion), `blocks` [blocks, 2], the middles of the blocks on the floor, and `size` [3] of the room.
 */
export const room: MakeView = async (looker, request) => {
  const { room: number, distorted } = v.parse(Asked, request ?? {});
  const { data, network, reader, points: N } = looker;
  const { scene } = data;
  const held = scene?.rooms[number];
  if (!scene || !held)
    throw new Error(
      `room ${number}: there are ${scene?.rooms.length ?? 0} held-out rooms; rooms belong to scene segmentation`,
    );
  const blocks = cutBlocks(held, scene.block);
  const portions = blocks.flatMap((block) => portionsOf(block, N));
  const predictions = new Uint32Array(held.cloud.parts.length).fill(NO_LABEL);
  const distortion = distorted ? looker.look.distortion : UNDISTORTED;
  for (let first = 0; first < portions.length; first += BATCH) {
    const some = portions.slice(first, first + BATCH);
    const clouds = some.map(({ block, places }): SeenCloud => ({
      cloud: blockCloud(held, block, places),
      frame: frameOf(held, block),
    }));
    const seen = await reader.form(BATCH, N).see(clouds, distortion, { seed: 1, step: first });
    some.forEach(({ places }, b) => {
      for (let i = 0; i < N; i++) {
        const from = seen.source[b * N + i] ?? N;
        const place = from < N ? places[from % places.length] : undefined;
        if (place !== undefined) predictions[place] = best(seen.logits, b * N + i, network.outputs);
      }
    });
  }
  const every = pickPoints(
    held.cloud,
    Array.from(predictions, (_, i) => i),
  );
  return {
    points: floats([predictions.length, 3], every.points),
    truth: wholes([predictions.length], every.parts),
    predictions: wholes([predictions.length], predictions),
    blocks: floats(
      [blocks.length, 2],
      blocks.flatMap(({ x, z }) => [x, z]),
    ),
    size: floats([3], held.size),
  };
};

/** A block's points in portions of N, spread over the block, each point in one of them. */
function portionsOf(block: Block, N: number): { block: Block; places: Uint32Array }[] {
  const count = Math.ceil(block.places.length / N);
  return Array.from({ length: count }, (_, p) => ({
    block,
    places: block.places.filter((_place, i) => i % count === p),
  }));
}
