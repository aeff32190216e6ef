/** Objects in space, each in a cell of a grid, turned together: Three.js, loaded only when someone looks. Plain arrays in. */
import { Group, LinearSRGBColorSpace, PerspectiveCamera, Scene, WebGPURenderer } from 'three/webgpu';
import { SaidError } from '../data/saidError';
import type { SpaceCell, SpaceLayer } from './spaceLayers';
import { makeObject, SceneScale, type SpaceObject } from './spaceObjects';
import { cellCentre, FIRST_POSE, halfHeight, OPENING, type Frame, type Pose } from './turntable';
import { words } from './words';

interface Shown {
  readonly group: Group;
  readonly objects: SpaceObject[];
}

/** Finer screens are drawn at twice the page's pixels. */
const FINEST = 2;

/** Asked of a canvas of its own: the renderer says only which of its own steps broke. */
function hasWebGl2(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  // Browsers keep few contexts at once.
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

export class CloudScene {
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera((OPENING * 180) / Math.PI, 1, 0.01, 1000);
  private readonly cells: Shown[] = [];
  private readonly scale = new SceneScale();
  private frame: Frame = { columns: 1, rows: 1, reach: 1, wide: 1, aspect: 1 };
  private pose: Pose = FIRST_POSE;
  private pending = 0;

  private constructor(private readonly renderer: WebGPURenderer) {
    renderer.setClearColor(0x000000, 0);
    // Colours come as the page has them: no other space in between.
    renderer.outputColorSpace = LinearSRGBColorSpace;
  }

  /**
   * Draws through the renderer's WebGL 2 backend: a second WebGPU device for a canvas brought the GPU process down on software adapters,
   * and the training with it. Throws a SaidError where there is no WebGL 2.
   */
  static async on(canvas: HTMLCanvasElement): Promise<CloudScene> {
    if (!hasWebGl2()) throw new SaidError(words.noWebGl2);
    const renderer = new WebGPURenderer({ canvas, antialias: true, alpha: true, forceWebGL: true });
    await renderer.init();
    return new CloudScene(renderer);
  }

  /** Cells from left to right, then down, of half height `reach`. Numbers are copied; buffers are kept where they are large enough. */
  show(cells: readonly SpaceCell[], grid: Omit<Frame, 'aspect'>, pointSize: number): void {
    this.frame = { ...grid, aspect: this.frame.aspect };
    while (this.cells.length > cells.length) this.clear(this.cells.pop());
    cells.forEach((layers, i) => {
      const shown = (this.cells[i] ??= this.newCell());
      this.fill(shown, layers, pointSize);
      const [x, y] = cellCentre(this.frame, i);
      shown.group.position.set(x, y, 0);
    });
    this.place();
  }

  private newCell(): Shown {
    const group = new Group();
    // The object is tilted after it was turned about its own vertical.
    group.rotation.order = 'XYZ';
    this.scene.add(group);
    return { group, objects: [] };
  }

  private fill({ group, objects }: Shown, layers: readonly SpaceLayer[], pointSize: number): void {
    for (const gone of objects.splice(layers.length)) remove(group, gone);
    layers.forEach((layer, i) => {
      if (objects[i]?.take(layer, pointSize)) return;
      if (objects[i]) remove(group, objects[i]);
      const made = makeObject(layer, this.scale);
      made.take(layer, pointSize);
      objects[i] = made;
      group.add(made.object);
    });
  }

  private clear(shown: Shown | undefined): void {
    if (!shown) return;
    for (const object of shown.objects) object.dispose();
    this.scene.remove(shown.group);
  }

  turn(pose: Pose): void {
    this.pose = pose;
    this.place();
  }

  resize(width: number, height: number): void {
    this.renderer.setPixelRatio(Math.min(FINEST, globalThis.devicePixelRatio || 1));
    this.renderer.setSize(width, height, false);
    this.frame = { ...this.frame, aspect: width / height };
    this.place();
  }

  private place(): void {
    const { camera, pose, frame } = this;
    const distance = halfHeight(frame) / Math.tan(OPENING / 2);
    camera.aspect = frame.aspect;
    camera.zoom = pose.zoom;
    camera.position.set(pose.panX, pose.panY, distance);
    camera.updateProjectionMatrix();
    this.scale.distance.value = distance;
    this.scale.depth.value = frame.reach;
    for (const { group } of this.cells) group.rotation.set(pose.pitch, pose.yaw, 0);
    this.draw();
  }

  /** Once a frame at most, and only when something has changed. */
  private draw(): void {
    if (this.pending !== 0) return;
    this.pending = requestAnimationFrame(() => this.drawNow());
  }

  /** At once: for a picture to be taken. */
  drawNow(): void {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    this.renderer.render(this.scene, this.camera);
  }

  dispose(): void {
    cancelAnimationFrame(this.pending);
    for (const shown of this.cells) this.clear(shown);
    void this.renderer.dispose();
  }
}

function remove(group: Group, object: SpaceObject): void {
  group.remove(object.object);
  object.dispose();
}
