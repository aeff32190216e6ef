/** The most that one submission should take, so that the page and other programs stay fluid on the same GPU. */
const TARGET_MS = 30;
const MOST_STEPS = 64;

/** How many steps go into one submission: grows while submissions are short, shrinks at once when they are long. */
export class Pacer {
  steps = 1;

  took(steps: number, milliseconds: number): void {
    const perStep = milliseconds / steps;
    const fitting = Math.max(1, Math.floor(TARGET_MS / Math.max(perStep, 0.01)));
    this.steps = Math.min(MOST_STEPS, fitting, this.steps * 2);
  }

  reset(): void {
    this.steps = 1;
  }
}
