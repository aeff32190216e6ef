/** Readers of shapes by Three.js' loaders: PLY, OBJ, STL, GLB. Import this lazily: it brings Three.js with it. */
import { Mesh as ThreeMesh, Points, type BufferGeometry, type Matrix4, type Object3D } from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { OBJLoader } from 'three/addons/loaders/OBJLoader.js';
import { PLYLoader } from 'three/addons/loaders/PLYLoader.js';
import { STLLoader } from 'three/addons/loaders/STLLoader.js';
import { SaidError } from './saidError';
import type { RawShape } from './shapeText';

const STL_HEADER = 84;
const STL_FACE = 50;
const GLB_MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;

export function readPly(bytes: ArrayBuffer): RawShape {
  // A header may claim more than there is: the loader would allocate for it.
  const head = new TextDecoder('latin1').decode(new Uint8Array(bytes, 0, Math.min(bytes.byteLength, 4096)));
  if (!head.startsWith('ply')) throw new SaidError({ en: 'it does not begin with ply', zh: '开头不是 ply' });
  for (const [line, count] of head.matchAll(/^element\s+\S+\s+(\d+)/gm)) {
    if (Number(count) > bytes.byteLength)
      throw new SaidError({
        en: `its header says "${line}", more than it holds; it is cut off`,
        zh: `文件头称有“${line}”，多于实际内容；文件被截断`,
      });
  }
  return ofGeometry(new PLYLoader().parse(bytes));
}

export function readStl(bytes: ArrayBuffer): RawShape {
  const binary = bytes.byteLength >= STL_HEADER && !/^\s*solid/.test(textOf(bytes.slice(0, 80)));
  if (binary) {
    const faces = new DataView(bytes).getUint32(80, true);
    if (STL_HEADER + faces * STL_FACE > bytes.byteLength)
      throw new SaidError({
        en: `its header says ${faces} triangles, more than it holds; it is cut off`,
        zh: `文件头称有 ${faces} 个三角形，多于实际内容；文件被截断`,
      });
  }
  const raw = ofGeometry(new STLLoader().parse(bytes));
  // Each triangle has corners of its own, in order.
  return { ...raw, triangles: Uint32Array.from({ length: raw.positions.length / 3 }, (_, i) => i) };
}

export function readObj(bytes: ArrayBuffer): RawShape {
  return ofObject(new OBJLoader().parse(textOf(bytes)));
}

/** Geometry alone: pictures, materials and everything outside the file are left out. */
export async function readGlb(bytes: ArrayBuffer): Promise<RawShape> {
  const { scene } = await new GLTFLoader().parseAsync(withoutPictures(bytes), '');
  return ofObject(scene);
}

function textOf(bytes: ArrayBuffer): string {
  return new TextDecoder().decode(bytes);
}

/** The same GLB with a JSON chunk that names no pictures, textures or materials. Throws where it is none, or reaches outside itself. */
function withoutPictures(bytes: ArrayBuffer): ArrayBuffer {
  const view = new DataView(bytes);
  if (bytes.byteLength < 20 || view.getUint32(0, true) !== GLB_MAGIC)
    throw new SaidError({ en: 'it does not begin with glTF', zh: '开头不是 glTF' });
  const length = view.getUint32(12, true);
  if (view.getUint32(16, true) !== JSON_CHUNK || 20 + length > bytes.byteLength)
    throw new SaidError({ en: 'its first chunk is cut off', zh: '第一个数据块被截断' });
  const gltf = JSON.parse(textOf(bytes.slice(20, 20 + length))) as Record<string, unknown>;
  const buffers = Array.isArray(gltf['buffers']) ? (gltf['buffers'] as { uri?: unknown }[]) : [];
  if (buffers.some((b) => b?.uri !== undefined))
    throw new SaidError({
      en: 'its buffers lie outside the file; save it as one GLB',
      zh: '数据缓冲在文件之外；请保存为单个 GLB',
    });
  const bare = {
    ...without(gltf, ['images', 'textures', 'samplers', 'materials', 'animations', 'skins', 'cameras']),
    ...(gltf['nodes'] !== undefined && {
      nodes: listOf(gltf['nodes']).map((node) => without(node, ['skin', 'camera'])),
    }),
    ...(gltf['meshes'] !== undefined && {
      meshes: listOf(gltf['meshes']).map((mesh) => ({
        ...mesh,
        primitives: listOf(mesh['primitives']).map((part) => without(part, ['material'])),
      })),
    }),
  };
  const json = new TextEncoder().encode(JSON.stringify(bare));
  const padded = Math.ceil(json.length / 4) * 4;
  const rest = new Uint8Array(bytes, 20 + length);
  const out = new Uint8Array(20 + padded + rest.length).fill(0x20, 0, 20 + padded);
  const header = new DataView(out.buffer);
  [GLB_MAGIC, 2, out.length, padded, JSON_CHUNK].forEach((word, i) => header.setUint32(4 * i, word, true));
  out.set(json, 20);
  out.set(rest, 20 + padded);
  return out.buffer;
}

function without(record: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter((v): v is Record<string, unknown> => typeof v === 'object' && v !== null)
    : [];
}

function ofGeometry(geometry: BufferGeometry, matrix?: Matrix4): RawShape {
  if (matrix) geometry.applyMatrix4(matrix);
  const positions = geometry.getAttribute('position');
  if (!positions) throw new SaidError({ en: 'it holds no points', zh: '文件中没有点' });
  const plain = (name: string) => {
    const attribute = geometry.getAttribute(name);
    const numbers = new Float32Array(3 * (attribute?.count ?? 0));
    for (let i = 0; i < numbers.length; i += 3)
      numbers.set([attribute?.getX(i / 3) ?? 0, attribute?.getY(i / 3) ?? 0, attribute?.getZ(i / 3) ?? 0], i);
    return numbers;
  };
  const normals = plain('normal');
  return {
    positions: plain('position'),
    triangles: geometry.index ? Uint32Array.from(geometry.index.array) : [],
    ...(normals.length > 0 && { normals }),
  };
}

/** All meshes and points of a scene, where they stand in it. */
function ofObject(root: Object3D): RawShape {
  const positions: number[] = [];
  const triangles: number[] = [];
  root.updateMatrixWorld(true);
  root.traverse((object) => {
    if (!(object instanceof ThreeMesh || object instanceof Points)) return;
    const raw = ofGeometry((object.geometry as BufferGeometry).clone(), object.matrixWorld);
    const first = positions.length / 3;
    for (let i = 0; i < raw.positions.length; i++) positions.push(raw.positions[i] ?? NaN);
    if (!(object instanceof ThreeMesh)) return;
    const count = raw.triangles.length > 0 ? raw.triangles.length : raw.positions.length / 3;
    for (let i = 0; i < count; i++) triangles.push(first + (raw.triangles.length > 0 ? (raw.triangles[i] ?? 0) : i));
  });
  if (positions.length === 0) throw new SaidError({ en: 'it holds no points', zh: '文件中没有点' });
  return { positions, triangles };
}
