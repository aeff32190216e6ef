/** The reader's own shape as a cloud: read in the browser, never sent anywhere. */
import { emptyCloud, sampleSurface, type Cloud } from './cloud';
import { Draws } from './draws';
import { SaidError, textOf, type Said } from './saidError';
import { readOff, readTable, type RawShape } from './shapeText';

/** Files above this are not opened. */
export const LARGEST_FILE = 512 * 1024 * 1024;
/** Points taken from a file at most. */
export const MOST_OWN_POINTS = 2_000_000;

/** File name endings that can be read. */
export const SHAPE_ENDINGS = ['ply', 'obj', 'off', 'stl', 'glb', 'xyz', 'csv', 'txt', 'pts'] as const;
type Ending = (typeof SHAPE_ENDINGS)[number];

export interface OwnShapeFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

export interface OwnShape {
  readonly name: string;
  /** In the file's own units and axes. */
  readonly cloud: Cloud;
  /** What the file held. */
  readonly held: { readonly points: number; readonly triangles: number };
  /** What was done that a reader should know: thinned, points left out, no normals. */
  readonly notes: readonly Said[];
}

/**
 * A cloud of at most `points` points (2 million) from a PLY, OBJ, OFF, STL, GLB, XYZ or CSV file: sampled from the surface where there are
 * triangles, thinned evenly (with a note) where there are more points. Throws an Error that names the file, what is wrong and what to do.
 */
export async function readOwnShape(
  { name, bytes }: OwnShapeFile,
  { points, seed = 1 }: { readonly points: number; readonly seed?: number },
): Promise<OwnShape> {
  const ending = endingOf(name);
  if (bytes.byteLength === 0)
    throw new SaidError({ en: `${name}: the file is empty; choose another`, zh: `${name}：文件为空；请另选一个` });
  if (bytes.byteLength > LARGEST_FILE) {
    throw tooLarge(name, bytes.byteLength);
  }
  let raw: RawShape;
  try {
    raw = await parse(ending, bytes);
  } catch (error) {
    const said = textOf(error);
    // What a reader of files from elsewhere says is English: it stands behind what it means.
    const reason = error instanceof SaidError ? said : { en: said.en, zh: `内容损坏或不符合格式（${said.en}）` };
    const kind = ending.toUpperCase();
    throw new SaidError(
      { en: `${name}: it cannot be read as ${kind}: ${reason.en}`, zh: `${name}：无法作为 ${kind} 读取：${reason.zh}` },
      { cause: error },
    );
  }
  return cloudOfRaw(name, raw, points, new Draws(seed, 'own shape'));
}

/** The error that a file over the limit gives. */
export function tooLarge(name: string, bytes: number): SaidError {
  const [size, limit] = [bytes, LARGEST_FILE].map((n) => Math.round(n / 2 ** 20));
  return new SaidError({
    en: `${name}: ${size} MB are over the limit of ${limit} MB; save a coarser version`,
    zh: `${name}：${size} MB 超过上限 ${limit} MB；请保存较粗的版本`,
  });
}

function endingOf(name: string): Ending {
  const ending = name.split('.').at(-1)?.toLowerCase() ?? '';
  const known = SHAPE_ENDINGS.find((e) => e === ending);
  if (known) return known;
  const [en, zh] =
    ending === 'gltf'
      ? ['; save it as GLB, one file with everything in it', '；请另存为 GLB，一个文件包含全部']
      : ['', ''];
  throw new SaidError({
    en: `${name}: files ending in .${ending} are not read; take ${SHAPE_ENDINGS.join(', ')}${en}`,
    zh: `${name}：不读取以 .${ending} 结尾的文件；可用 ${SHAPE_ENDINGS.join('、')}${zh}`,
  });
}

async function parse(ending: Ending, bytes: ArrayBuffer): Promise<RawShape> {
  const text = () => new TextDecoder().decode(bytes);
  switch (ending) {
    case 'off':
      return readOff(text());
    case 'xyz':
    case 'csv':
    case 'txt':
    case 'pts':
      return readTable(text());
    case 'ply':
      return (await import('./shapeThree')).readPly(bytes);
    case 'stl':
      return (await import('./shapeThree')).readStl(bytes);
    case 'obj':
      return (await import('./shapeThree')).readObj(bytes);
    case 'glb':
      return (await import('./shapeThree')).readGlb(bytes);
  }
}

/** Far beyond any shape, and small enough that its square is still a number in single precision. */
const LARGEST_COORDINATE = 1e18;
const usable = (x: number | undefined) => Math.abs(x ?? NaN) <= LARGEST_COORDINATE;
const finite = (values: ArrayLike<number>, i: number) =>
  usable(values[i]) && usable(values[i + 1]) && usable(values[i + 2]);

function cloudOfRaw(name: string, raw: RawShape, points: number, draws: Draws): OwnShape {
  const notes: Said[] = [];
  const held = { points: Math.floor(raw.positions.length / 3), triangles: Math.floor(raw.triangles.length / 3) };
  const usableCorners = usableTriangles(raw);
  if (usableCorners.length > 0) {
    const dropped = held.triangles - usableCorners.length / 3;
    if (dropped > 0)
      notes.push({
        en: `${dropped} of ${held.triangles} triangles were left out: a corner is missing or no number`,
        zh: `略去 ${held.triangles} 个三角形中的 ${dropped} 个：缺少顶点或坐标不是有限数`,
      });
    let cloud: Cloud | undefined;
    try {
      cloud = sampleSurface({ positions: raw.positions, triangles: usableCorners }, points, draws);
    } catch {
      notes.push({ en: 'its triangles have no area: its points are taken', zh: '三角形没有面积：改用其顶点' });
    }
    const sampled = {
      en: `${points} points were sampled from ${held.triangles} triangles`,
      zh: `从 ${held.triangles} 个三角形的表面采样了 ${points} 个点`,
    };
    if (cloud) return { name, cloud, held, notes: [sampled, ...notes] };
  }
  return { name, cloud: cloudOfPoints(name, raw, points, draws, notes), held, notes };
}

/** Corners of the triangles whose three corners are there and finite. */
function usableTriangles({ positions, triangles }: RawShape): number[] {
  const count = Math.floor(positions.length / 3);
  const good = (corner: number | undefined) =>
    corner !== undefined && Number.isInteger(corner) && corner >= 0 && corner < count && finite(positions, 3 * corner);
  const corners: number[] = [];
  for (let t = 0; t + 2 < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t], triangles[t + 1], triangles[t + 2]];
    if (good(a) && good(b) && good(c)) corners.push(a ?? 0, b ?? 0, c ?? 0);
  }
  return corners;
}

function cloudOfPoints(name: string, raw: RawShape, wanted: number, draws: Draws, notes: Said[]): Cloud {
  const count = Math.floor(raw.positions.length / 3);
  if (count === 0) throw new SaidError({ en: `${name}: it holds no points`, zh: `${name}：文件中没有点` });
  const good: number[] = [];
  for (let i = 0; i < count; i++) if (finite(raw.positions, 3 * i)) good.push(i);
  if (good.length === 0)
    throw new SaidError({
      en: `${name}: none of its ${count} points has finite coordinates; save it again`,
      zh: `${name}：${count} 个点的坐标都不是有限数；请重新保存`,
    });
  if (good.length < count)
    notes.push({
      en: `${count - good.length} of ${count} points were left out: they are no finite numbers`,
      zh: `略去 ${count} 个点中的 ${count - good.length} 个：坐标不是有限数`,
    });
  const taken = thinned(good, Math.min(wanted, MOST_OWN_POINTS), draws);
  if (taken.length < good.length)
    notes.push({
      en: `${taken.length} of ${good.length} points were taken, at random`,
      zh: `从 ${good.length} 个点中随机取了 ${taken.length} 个`,
    });
  if (!raw.normals) notes.push({ en: 'it has no normals', zh: '没有法向量' });
  const cloud = emptyCloud(taken.length);
  taken.forEach((from, i) => {
    for (let c = 0; c < 3; c++) {
      cloud.points[3 * i + c] = raw.positions[3 * from + c] ?? 0;
      const n = raw.normals?.[3 * from + c] ?? 0;
      cloud.normals[3 * i + c] = Number.isFinite(n) ? n : 0;
    }
  });
  return cloud;
}

/** `wanted` of the items at random, each once, in a random order; all of them where there are no more. */
function thinned(items: readonly number[], wanted: number, draws: Draws): number[] {
  const pool = [...items];
  const count = Math.min(wanted, pool.length);
  for (let i = 0; i < count; i++) {
    const j = i + draws.whole(pool.length - i);
    [pool[i], pool[j]] = [pool[j] ?? 0, pool[i] ?? 0];
  }
  return pool.slice(0, count);
}
