/** What a contest of training steps hands to every engine: starting weights, data, and the loss in operations that all of them have. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Whether weight decay applies. */
  readonly decay?: boolean;
}

/** The operations that peers bring; T is their array. Everything is f32; shapes are the caller's to get right. */
export interface Ops<T> {
  /** Over the last two axes, batches of equal shape or a right-hand side for all. */
  matmul(a: T, b: T): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  scale(a: T, factor: number): T;
  reshape(x: T, shape: readonly number[]): T;
  /** Along axis 1 of [B, N, D]. */
  concat(a: T, b: T): T;
  /** Rows [begin, end) of axis 1; `shape` is x's, [B, N, D]. */
  rows(x: T, shape: readonly number[], begin: number, end: number): T;
  /** (x − mean)/√(variance + 1e-6) over the last axis. */
  standardise(x: T): T;
  gelu(x: T): T;
  logSoftmax(x: T): T;
  /** Self-attention from packed q|k|v [B, N, 3D] → [B, N, D]. */
  attend(qkv: T, size: { B: number; N: number; D: number; heads: number; causal: boolean }): T;
  sum(x: T): T;
}

export type Named<T> = (name: string) => T;

export interface StepTask {
  readonly weights: ReadonlyMap<string, NamedArray>;
  readonly data: Readonly<Record<string, NamedArray>>;
  loss<T>(ops: Ops<T>, weight: Named<T>, data: Named<T>): T;
}

/** AdamW as every engine takes it here. */
export const ADAMW = { learningRate: 2e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.05 };

/** Losses of so many steps from the starting weights are what is compared. */
export const CHECKED_STEPS = 3;
