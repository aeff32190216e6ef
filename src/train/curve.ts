/** Scalars of every step of a run, and its evaluations: kept beside the weights, so that a resumed run has its curve. */
import type { Evaluation } from './protocol';

export interface KeptCurve {
  /** Steps before the first row. */
  readonly from: number;
  /** One row a step, columns as the experiment names them. */
  readonly rows: Float32Array;
  readonly evaluations: readonly Evaluation[];
}

export class Curve {
  private rows = new Float32Array(1024);
  private length = 0;
  private first = 0;
  private evaluations: readonly Evaluation[] = [];

  /** Starts at a step without what came before it. */
  clear(from = 0): void {
    this.length = 0;
    this.first = from;
    this.evaluations = [];
  }

  append(rows: Float32Array): void {
    if (this.length + rows.length > this.rows.length) {
      const wider = new Float32Array(Math.max(this.rows.length * 2, this.length + rows.length));
      wider.set(this.rows.subarray(0, this.length));
      this.rows = wider;
    }
    this.rows.set(rows, this.length);
    this.length += rows.length;
  }

  evaluated(evaluation: Evaluation): void {
    this.evaluations = [...this.evaluations.filter((e) => e.step < evaluation.step), evaluation];
  }

  /** All up to a step, of rows of `columns` numbers. */
  keep(step: number, columns: number): KeptCurve {
    return {
      from: this.first,
      rows: this.rows.slice(0, Math.max(0, Math.min(this.length, (step - this.first) * columns))),
      evaluations: this.evaluations.filter((e) => e.step <= step),
    };
  }

  take({ from, rows, evaluations }: KeptCurve): void {
    this.clear(from);
    this.append(rows);
    this.evaluations = evaluations;
  }
}
