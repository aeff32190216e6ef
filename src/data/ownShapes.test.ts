import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readOwnShape, SHAPE_ENDINGS } from './ownShapes';
import { textOf } from './saidError';

const bytesOf = (text: string) => new TextEncoder().encode(text).slice().buffer as ArrayBuffer;
const open = (name: string, content: string | ArrayBuffer, points = 64) =>
  readOwnShape({ name, bytes: typeof content === 'string' ? bytesOf(content) : content }, { points });

const SQUARE = [
  [0, 0, 0],
  [1, 0, 0],
  [1, 1, 0],
  [0, 1, 0],
];
const rows = SQUARE.map((p) => p.join(' ')).join('\n');

const OFF = `OFF\n4 1 0\n${rows}\n4 0 1 2 3\n`;
const OBJ = `${SQUARE.map((p) => `v ${p.join(' ')}`).join('\n')}\nf 1 2 3 4\n`;
const PLY = `ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n${rows}\n4 0 1 2 3\n`;

function binaryStl(triangles: number): ArrayBuffer {
  const bytes = new ArrayBuffer(84 + 50 * triangles);
  const view = new DataView(bytes);
  view.setUint32(80, triangles, true);
  for (let t = 0; t < triangles; t++) {
    const corners = t % 2 === 0 ? [0, 1, 2] : [0, 2, 3];
    corners.forEach((corner, k) =>
      [0, 1, 2].forEach((c) => view.setFloat32(84 + 50 * t + 12 + 12 * k + 4 * c, SQUARE[corner]?.[c] ?? 0, true)),
    );
  }
  return bytes;
}

function glb(extra: object = {}): ArrayBuffer {
  const positions = Float32Array.from([0, 1, 2, 0, 2, 3].flatMap((i) => SQUARE[i] ?? []));
  const gltf = {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0, translation: [0, 0, 5] }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 } } }],
    textures: [{ source: 0 }],
    images: [{ uri: 'http://elsewhere.invalid/picture.png' }],
    accessors: [{ bufferView: 0, componentType: 5126, count: 6, type: 'VEC3', min: [0, 0, 0], max: [1, 1, 0] }],
    bufferViews: [{ buffer: 0, byteLength: positions.byteLength }],
    buffers: [{ byteLength: positions.byteLength }],
    ...extra,
  };
  const json = new TextEncoder().encode(JSON.stringify(gltf));
  const padded = Math.ceil(json.length / 4) * 4;
  const out = new Uint8Array(20 + padded + 8 + positions.byteLength).fill(0x20, 20, 20 + padded);
  const view = new DataView(out.buffer);
  [0x46546c67, 2, out.length, padded, 0x4e4f534a].forEach((w, i) => view.setUint32(4 * i, w, true));
  out.set(json, 20);
  [positions.byteLength, 0x004e4942].forEach((w, i) => view.setUint32(20 + padded + 4 * i, w, true));
  out.set(new Uint8Array(positions.buffer), 28 + padded);
  return out.buffer;
}

// The loaders grumble about every broken file.
beforeAll(() => {
  for (const level of ['log', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});

describe('own shapes', () => {
  it('leaves out coordinates that single precision does not hold', async () => {
    const { cloud, notes } = await open('a.csv', '1e39,2,3\n0,0,0\n1,1,1\n');
    expect(cloud.parts.length).toBe(2);
    expect(notes[0]?.en).toMatch(/^1 of 3 points were left out/);
  });

  it.each([
    ['a.off', OFF],
    ['modelnet.off', OFF.replace('OFF\n', 'OFF')],
    ['a.obj', OBJ],
    ['a.PLY', PLY],
    ['a.stl', binaryStl(2)],
    ['a.glb', glb()],
  ])('%s: points of the unit square, with normals along z', async (name, content) => {
    const { cloud, held, notes } = await open(name, content);
    expect(held.triangles).toBe(2);
    expect(notes[0]?.en).toBe('64 points were sampled from 2 triangles');
    const z = name.endsWith('glb') ? 5 : 0;
    for (let i = 0; i < 64; i++) {
      const [px = NaN, py = NaN, pz] = cloud.points.subarray(3 * i, 3 * i + 3);
      expect(Math.min(px, py, 1 - px, 1 - py)).toBeGreaterThanOrEqual(0);
      expect(pz).toBe(z);
      expect(cloud.normals[3 * i + 2]).toBe(1);
    }
  });

  it.each([
    ['a.xyz', '0 0 0\n1 0 0\n\n0 2 0\n'],
    ['a.csv', 'id;z;x;y\n7;0;0;0\n8;0;1;0\n9;0;0;2\n'],
    ['a.txt', '# a comment\nx,y,z,nx,ny,nz\n0,0,0,0,0,1\n1,0,0,0,0,1\n0,2,0,0,0,1\n'],
  ])('%s: three points', async (name, text) => {
    const { cloud } = await open(name, text);
    const found = [0, 1, 2].map((i) => Array.from(cloud.points.subarray(3 * i, 3 * i + 3)).join(' ')).sort();
    expect(found).toEqual(['0 0 0', '0 2 0', '1 0 0']);
    expect(cloud.normals[2]).toBe(name === 'a.txt' ? 1 : 0);
  });

  it.each([
    ['a.off', 'no such', '无法作为 OFF 读取：开头不是 OFF'],
    ['a.xyz', 'words', '无法作为 XYZ 读取：没有一行含有三个数'],
    ['a.ply', 'no', '无法作为 PLY 读取：开头不是 ply'],
    ['a.glb', 'no', '无法作为 GLB 读取：开头不是 glTF'],
    ['a.step', 'x', '不读取以 .step 结尾的文件'],
    ['a.obj', '', '文件为空'],
  ])('%s with "%s" says in Chinese too what is wrong', async (name, content, said) => {
    const error: unknown = await open(name, content).catch((e: unknown) => e);
    expect(textOf(error).zh).toMatch(`${name}：${said}`);
    expect(textOf(error).en).toMatch(`${name}: `);
  });

  it('are thinned with a note, each point once', async () => {
    const text = Array.from({ length: 1000 }, (_, i) => `${i} 0 0`).join('\n');
    const { cloud, notes } = await open('many.xyz', text, 100);
    expect(new Set(Array.from({ length: 100 }, (_, i) => cloud.points[3 * i])).size).toBe(100);
    expect(notes.map((n) => n.en)).toContain('100 of 1000 points were taken, at random');
  });

  it('leave out what is no number, and say so', async () => {
    const { cloud, notes } = await open('holes.xyz', '0 0 0\nnan 1 2\n1 1 1\n1 Infinity 0\n');
    expect(cloud.parts.length).toBe(2);
    expect(notes[0]?.en).toBe('2 of 4 points were left out: they are no finite numbers');
    await expect(open('all.xyz', 'nan nan nan\n')).rejects.toThrow(
      /all\.xyz: none of its 1 points has finite coordinates/,
    );
    const mesh = await open('a.obj', OBJ.replace('v 0 1 0', 'v 0 nan 0'));
    expect(mesh.notes[1]?.en).toMatch(/1 of 2 triangles were left out/);
  });

  it.each([
    ['empty.ply', '', /empty\.ply: the file is empty/],
    ['a.fbx', 'x', /files ending in \.fbx are not read; take ply, obj/],
    ['a.gltf', '{}', /save it as GLB/],
    ['a.off', 'OFF\n9 9 9\n0 0', /a\.off: it cannot be read as OFF: its counts .* do not fit/],
    ['a.off', 'OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n9 0 1 2', /its face 1 is cut off/],
    ['a.ply', 'plY', /does not begin with ply/],
    ['a.ply', 'ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1', /a\.ply: it holds no points/],
    ['a.ply', PLY.replace('vertex 4', 'vertex 4000000000'), /more than it holds; it is cut off/],
    ['a.stl', binaryStl(2).slice(0, 120), /its header says 2 triangles, more than it holds/],
    ['a.obj', 'hello', /a\.obj: it cannot be read as OBJ/],
    ['a.glb', 'hello', /does not begin with glTF/],
    ['a.glb', glb({ buffers: [{ byteLength: 72, uri: 'x.bin' }] }), /its buffers lie outside the file/],
    ['a.csv', 'a,b\nc,d\n', /no line of it holds three numbers/],
  ] as const)('%s: a clear message (%#)', async (name, content, message) => {
    await expect(open(name, content)).rejects.toThrow(message);
  });

  const start: Readonly<Record<string, string | ArrayBuffer>> = {
    off: OFF,
    obj: OBJ,
    ply: PLY,
    stl: binaryStl(2),
    glb: glb(),
    xyz: rows,
    csv: rows,
    txt: rows,
    pts: rows,
  };

  /** A file either gives finite points or an Error that begins with its name. */
  async function holds(name: string, bytes: ArrayBuffer): Promise<void> {
    try {
      const { cloud } = await readOwnShape({ name, bytes }, { points: 16 });
      expect(cloud.parts.length).toBeGreaterThan(0);
      expect(cloud.points.every(Number.isFinite)).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message.startsWith(`${name}: `)).toBe(true);
    }
  }

  it.each(SHAPE_ENDINGS)('no bytes crash the reader of .%s', async (ending) => {
    const name = `some.${ending}`;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (bytes) => holds(name, bytes.slice().buffer)),
      { numRuns: 60 },
    );
    const from = start[ending] ?? '';
    const good = new Uint8Array(typeof from === 'string' ? bytesOf(from) : from);
    const change = fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255), cut: fc.nat(good.length) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const broken = good.slice();
        for (const { at, value } of changes) broken[at] = value;
        const cut = changes.length % 2 === 0 ? (changes[0]?.cut ?? 0) : broken.length;
        return holds(name, broken.slice(0, cut).buffer);
      }),
      { numRuns: 150 },
    );
  });
});
