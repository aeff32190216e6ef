/** When a run is kept, and the last state of it that was good. */
import type { Snapshot } from './experiment';
import type { LinkRecipe } from './protocol';
import type { Checkpoint, SessionSetup } from './sessionSetup';

const EVERY_MS = 20_000;
/** The first of a run comes sooner: who loses the device in the first seconds loses little. */
const FIRST_MS = 4000;
/** After a change of the run's link a checkpoint follows so soon: a reload must find it there. */
const AFTER_CHANGE_MS = 1000;

export class CheckpointKeeper {
  lastGood: Checkpoint | undefined;
  private lastAt = 0;
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly setup: Pick<SessionSetup, 'checkpoints' | 'emit'>,
    private readonly now: () => number,
  ) {}

  get due(): boolean {
    return this.now() - this.lastAt >= EVERY_MS;
  }

  /** The next one is due a whole interval from now; the first of a run sooner. */
  waitFromHere(): void {
    this.lastAt = this.now() - (this.lastGood ? 0 : EVERY_MS - FIRST_MS);
  }

  /** Soon after the latest of quick changes: in the loop where one runs, otherwise by `whenQuiet`. */
  keepSoon(whenQuiet: () => void): void {
    this.lastAt = this.now() - EVERY_MS + AFTER_CHANGE_MS;
    clearTimeout(this.soon);
    this.soon = setTimeout(whenQuiet, AFTER_CHANGE_MS);
  }

  stopWaiting(): void {
    clearTimeout(this.soon);
  }

  async load(recipe: LinkRecipe): Promise<Checkpoint | undefined> {
    return this.setup.checkpoints?.load(recipe);
  }

  /** Weights that are not finite are not kept. */
  async keep(recipe: LinkRecipe, checkpoint: Checkpoint): Promise<void> {
    if (!allFinite(checkpoint.snapshot)) return;
    this.lastGood = checkpoint;
    await this.setup.checkpoints?.save(recipe, checkpoint);
    this.setup.emit({ kind: 'checkpoint', step: checkpoint.snapshot.step });
  }

  async forget(recipe: LinkRecipe): Promise<void> {
    this.lastGood = undefined;
    await this.setup.checkpoints?.remove(recipe);
  }
}

function allFinite(snapshot: Snapshot): boolean {
  for (const { data } of snapshot.parameters.values()) if (!data.every((x) => Number.isFinite(x))) return false;
  return true;
}
