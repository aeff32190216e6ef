/** Points in space, turned with the pointer: Three.js, loaded only when someone looks. Plain arrays in. */
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { instancedBufferAttribute } from 'three/tsl';
import {
  InstancedBufferAttribute,
  PerspectiveCamera,
  PointsNodeMaterial,
  Scene,
  Sprite,
  WebGPURenderer,
} from 'three/webgpu';

export interface Cloud {
  /** [n, 3], y upwards. */
  readonly positions: Float32Array;
  /** [n, 3] in 0…1. */
  readonly colours: Float32Array;
}

export class CloudScene {
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(40, 1, 0.01, 100);
  private points: Sprite | undefined;
  private readonly orbit: OrbitControls;
  private pending = false;

  private constructor(private readonly renderer: WebGPURenderer) {
    renderer.setClearColor(0x000000, 0);
    this.camera.position.set(2.4, 1.2, 2.8);
    this.orbit = new OrbitControls(this.camera, renderer.domElement);
    this.orbit.addEventListener('change', () => this.draw());
  }

  /**
   * Draws through the renderer's WebGL 2 backend: a second WebGPU device for a canvas brought the GPU process down on software adapters,
   * and the training with it. Throws where there is no WebGL 2.
   */
  static async on(canvas: HTMLCanvasElement): Promise<CloudScene> {
    const renderer = new WebGPURenderer({ canvas, antialias: true, alpha: true, forceWebGL: true });
    await renderer.init();
    return new CloudScene(renderer);
  }

  /** Points of a few pixels whatever their distance: WebGPU draws points of one pixel only, so each is a small square of its own. */
  show({ positions, colours }: Cloud): void {
    this.clear();
    const material = new PointsNodeMaterial({ size: 3, sizeAttenuation: false });
    material.positionNode = instancedBufferAttribute<'vec3'>(new InstancedBufferAttribute(positions, 3));
    material.colorNode = instancedBufferAttribute<'vec3'>(new InstancedBufferAttribute(colours, 3));
    this.points = new Sprite(material);
    this.points.count = positions.length / 3;
    this.points.frustumCulled = false;
    this.scene.add(this.points);
    this.draw();
  }

  private clear(): void {
    if (!this.points) return;
    this.scene.remove(this.points);
    this.points.material.dispose();
    this.points = undefined;
  }

  resize(width: number, height: number): void {
    this.renderer.setPixelRatio(globalThis.devicePixelRatio || 1);
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  /** Turns the camera about the vertical, for those who use the keyboard; radians. */
  turn(angle: number): void {
    this.camera.position.applyAxisAngle(this.camera.up, angle);
    this.camera.lookAt(0, 0, 0);
    this.draw();
  }

  /** Once a frame at most, and only when something has changed. */
  private draw(): void {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.renderer.render(this.scene, this.camera);
    });
  }

  dispose(): void {
    this.orbit.dispose();
    this.clear();
    this.renderer.dispose();
  }
}
