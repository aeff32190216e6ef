/** Layers as objects of Three.js. Buffers have room to spare and are written in place: a moved slider makes none. */
import {
  float,
  instancedBufferAttribute,
  mix,
  modelViewMatrix,
  normalLocal,
  normalView,
  positionLocal,
  uniform,
  uv,
  varying,
  vec3,
  vec4,
} from 'three/tsl';
import {
  BoxGeometry,
  BufferAttribute,
  BufferGeometry,
  DynamicDrawUsage,
  InstancedBufferAttribute,
  LineBasicNodeMaterial,
  LineSegments,
  Mesh,
  MeshBasicNodeMaterial,
  NoBlending,
  PointsNodeMaterial,
  SphereGeometry,
  Sprite,
  type Node,
  type Object3D,
} from 'three/webgpu';
import { lengthOf, type LineLayer, type PointLayer, type SpaceLayer } from './spaceLayers';

/** How far the back of an object fades into the ground. */
const FADE = 0.45;

/** What all objects of a scene share. */
export class SceneScale {
  /** Distance of the cells' plane from the camera, and half the depth of an object. */
  readonly distance = uniform(4.5);
  readonly depth = uniform(1);
}

/** A layer on the screen. */
export interface SpaceObject {
  readonly object: Object3D;
  /** Takes another layer's numbers; false where it needs another object. */
  take(layer: SpaceLayer, pointSize: number): boolean;
  dispose(): void;
}

const roomFor = (count: number) => 2 ** Math.ceil(Math.log2(Math.max(16, count)));

/** Three numbers an item, room for a power of two of items. */
function buffer(count: number, instanced: boolean): BufferAttribute {
  const numbers = new Float32Array(3 * roomFor(count));
  const made = instanced ? new InstancedBufferAttribute(numbers, 3) : new BufferAttribute(numbers, 3);
  made.setUsage(DynamicDrawUsage);
  return made;
}

function write(into: BufferAttribute, values: Float32Array): void {
  into.array.set(values);
  into.needsUpdate = true;
}

export function makeObject(layer: SpaceLayer, scale: SceneScale): SpaceObject {
  switch (layer.kind) {
    case 'points':
      return points(layer, scale);
    case 'lines':
      return lines(layer);
    case 'cubes':
    case 'balls':
      return solids(layer, scale);
  }
}

/** 1 in front … 1 − FADE at the back: depth is seen even where nothing is turned. */
function nearness(viewDepth: Node<'float'>, scale: SceneScale) {
  const back = viewDepth.negate().sub(scale.distance).div(scale.depth).mul(0.5).add(0.5).clamp(0, 1);
  return float(1).sub(back.mul(FADE));
}

/** WebGPU draws points of one pixel only, so each is a small disc of its own. */
function points(first: PointLayer, scale: SceneScale): SpaceObject {
  const count = lengthOf(first);
  const [positions, colours] = [buffer(count, true), buffer(count, true)];
  const size = uniform(3);
  const material = new PointsNodeMaterial({ sizeAttenuation: false });
  const position = instancedBufferAttribute<'vec3'>(positions, 'vec3');
  material.positionNode = position;
  material.sizeNode = size;
  const depth = varying(modelViewMatrix.mul(vec4(position, 1)).z);
  // The fade is written as transparency and not blended: what is behind shows the page's ground, light or dark.
  const alpha = first.inFront ? float(1) : nearness(depth, scale);
  material.colorNode = vec4(instancedBufferAttribute<'vec3'>(colours, 'vec3').mul(alpha), alpha);
  material.blending = NoBlending;
  material.maskNode = uv().sub(0.5).length().lessThan(0.5);
  material.depthTest = !first.inFront;
  const object = new Sprite(material);
  object.frustumCulled = false;
  if (first.inFront) object.renderOrder = 2;
  return {
    object,
    take(layer, pointSize) {
      const n = lengthOf(layer);
      if (layer.kind !== 'points' || n > positions.count || layer.inFront !== first.inFront) return false;
      write(positions, layer.positions);
      write(colours, layer.colours);
      object.count = n;
      object.visible = n > 0;
      size.value = layer.size ?? pointSize;
      return true;
    },
    dispose: () => material.dispose(),
  };
}

function lines(first: LineLayer): SpaceObject {
  const room = 2 * roomFor(lengthOf(first));
  const geometry = new BufferGeometry();
  const [positions, colours] = [buffer(room, false), buffer(room, false)];
  geometry.setAttribute('position', positions);
  geometry.setAttribute('color', colours);
  const material = new LineBasicNodeMaterial({ vertexColors: true });
  const object = new LineSegments(geometry, material);
  object.frustumCulled = false;
  return {
    object,
    take(layer) {
      const n = layer.kind === 'lines' ? lengthOf(layer) : Infinity;
      if (layer.kind !== 'lines' || 2 * n > positions.count) return false;
      interleave(positions.array, layer.from, layer.to);
      interleave(colours.array, layer.colours, layer.colours);
      positions.needsUpdate = colours.needsUpdate = true;
      geometry.setDrawRange(0, 2 * n);
      object.visible = n > 0;
      return true;
    },
    dispose() {
      geometry.dispose();
      material.dispose();
    },
  };
}

/** Three numbers of one, three of the other, in turns. */
function interleave(into: { [at: number]: number }, one: Float32Array, other: Float32Array): void {
  for (let i = 0; i < one.length; i++) {
    const at = 6 * Math.floor(i / 3) + (i % 3);
    into[at] = one[i] ?? 0;
    into[at + 3] = other[i] ?? 0;
  }
}

/** One geometry, drawn at many places. */
function solids(first: Exclude<SpaceLayer, PointLayer | LineLayer>, scale: SceneScale): SpaceObject {
  const balls = first.kind === 'balls';
  const count = lengthOf(first);
  const [positions, colours] = [buffer(count, true), buffer(count, true)];
  const size = uniform(1);
  const geometry = balls ? new SphereGeometry(1, 32, 20) : new BoxGeometry(1, 1, 1);
  const material = new MeshBasicNodeMaterial();
  material.positionNode = positionLocal.mul(size).add(instancedBufferAttribute<'vec3'>(positions, 'vec3'));
  const colour = instancedBufferAttribute<'vec3'>(colours, 'vec3');
  if (balls) {
    material.transparent = true;
    material.depthWrite = false;
    const rim = float(1).sub(normalView.z.abs()).pow(2);
    material.colorNode = vec4(colour, rim.mul(0.5).add(0.04));
  } else {
    // Light from above and from one side, so that faces are told apart.
    const light = mix(
      float(0.62),
      float(1),
      normalLocal
        .dot(vec3(0.35, 0.85, 0.4))
        .mul(0.5)
        .add(0.5)
        .clamp(0, 1),
    );
    const depth = varying(modelViewMatrix.mul(vec4(positionLocal, 1)).z);
    const alpha = nearness(depth, scale);
    material.colorNode = vec4(colour.mul(light).mul(alpha), alpha);
    material.blending = NoBlending;
  }
  const object = new Mesh(geometry, material);
  object.frustumCulled = false;
  if (balls) object.renderOrder = 1;
  return {
    object,
    take(layer) {
      if (layer.kind !== first.kind || lengthOf(layer) > positions.count) return false;
      const n = lengthOf(layer);
      write(positions, layer.positions);
      write(colours, layer.colours);
      size.value = layer.kind === 'balls' ? layer.radius : layer.edge;
      object.count = n;
      object.visible = n > 0;
      return true;
    },
    dispose() {
      geometry.dispose();
      material.dispose();
    },
  };
}
