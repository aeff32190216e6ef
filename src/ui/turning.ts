/** Hands and keys on an object in space: drags turn it, pinches and the wheel bring it nearer, a press without a drag picks. */
import { turned, zoomed, type Pose } from './turntable';

/** Pixels that a hand may tremble while it presses. */
const STILL = 5;
/** Radians that a pixel turns. */
const SPEED = 0.008;

export interface Hands {
  readonly pose: () => Pose;
  readonly turn: (pose: Pose) => void;
  /** Units of space that a pixel of the page is, before zooming. */
  readonly unitsOfPixel: () => number;
  readonly press: (event: PointerEvent) => void;
}

/** Follows the pointers on a canvas; events of a canvas go to the methods of their names. */
export class Turning {
  private readonly held = new Map<number, { x: number; y: number }>();
  private moved = 0;

  constructor(private readonly hands: Hands) {}

  get active(): boolean {
    return this.held.size > 0;
  }

  down(event: PointerEvent): void {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    if (this.held.size === 0) this.moved = 0;
    this.held.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  move(event: PointerEvent): void {
    const before = this.held.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
    this.moved += Math.hypot(dx, dy);
    const pose = this.hands.pose();
    const others = [...this.held].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const other = others[0];
    if (other) {
      const span = (x: number, y: number) => Math.max(1, Math.hypot(x - other.x, y - other.y));
      const nearer = zoomed(pose, span(event.clientX, event.clientY) / span(before.x, before.y));
      this.hands.turn(this.panned(nearer, dx / 2, dy / 2));
    } else if (event.shiftKey || (event.buttons & 2) !== 0) this.hands.turn(this.panned(pose, dx, dy));
    else if (this.moved > STILL) this.hands.turn(turned(pose, dx * SPEED, dy * SPEED));
    this.held.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  private panned(pose: Pose, dx: number, dy: number): Pose {
    const units = this.hands.unitsOfPixel() / pose.zoom;
    return { ...pose, panX: pose.panX - dx * units, panY: pose.panY + dy * units };
  }

  up(event: PointerEvent): void {
    const pressed = this.held.delete(event.pointerId) && this.held.size === 0 && this.moved <= STILL;
    if (pressed && event.type === 'pointerup') this.hands.press(event);
  }

  /** The wheel scrolls the page unless the canvas has been pressed before, or with the control key (as a pinch on a touch pad gives). */
  wheel(event: WheelEvent): void {
    if (!event.ctrlKey && document.activeElement !== event.currentTarget) return;
    event.preventDefault();
    this.hands.turn(zoomed(this.hands.pose(), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015))));
  }
}
