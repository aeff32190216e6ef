import { describe, expect, it } from 'vitest';
import { experiment } from '../src/labs/masked-images/experiment';
import { meta } from '../src/labs/masked-images/meta';
import { readPublic } from '../src/cli/labSession';
import { readLink, writeLink } from '../src/train/link';
import type { LinkRecipe, SessionEvent } from '../src/train/protocol';
import { Session } from '../src/train/session';
import type { Checkpoint, CheckpointStore } from '../src/train/sessionSetup';
import { lentGpu } from './helpers/gpu';

const LINK =
  '#/masked-images?batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=2&dheads=2&every=0&steps=100&data=digits';

/** What the page keeps in IndexedDB, in memory: by the run's link. */
class Kept implements CheckpointStore {
  readonly runs = new Map<string, Checkpoint>();
  private key(recipe: LinkRecipe): string {
    return writeLink(meta, recipe);
  }
  save(recipe: LinkRecipe, checkpoint: Checkpoint): Promise<void> {
    this.runs.set(this.key(recipe), structuredClone(checkpoint));
    return Promise.resolve();
  }
  load(recipe: LinkRecipe): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.runs.get(this.key(recipe)));
  }
  remove(recipe: LinkRecipe): Promise<void> {
    this.runs.delete(this.key(recipe));
    return Promise.resolve();
  }
}

function page(checkpoints: CheckpointStore) {
  const events: SessionEvent[] = [];
  const session = new Session({
    openGpu: lentGpu,
    factory: experiment,
    effectOf: (id) => meta.controls.find((c) => c.id === id)?.effect ?? 'restart',
    source: { read: readPublic, ownImages: () => Promise.resolve(undefined) },
    emit: (event) => events.push(event),
    checkpoints,
  });
  const settings = () => {
    const last = events.filter((e) => e.kind === 'settings').at(-1);
    if (!last) throw new Error('the session told no settings');
    return last;
  };
  const open = async (link: string) => {
    const { config, changes } = readLink(link, [meta]);
    await session.open({ config, changes, resume: true });
  };
  return { session, events, settings, open };
}

describe('a session', () => {
  it('keeps a run under the link that it has after a change, with its curve, and goes on from there', async () => {
    const kept = new Kept();
    const first = page(kept);
    await first.open(LINK);
    await first.session.advance(3);
    await first.session.configure({ ...first.settings().config, mask: 0.5 });
    await first.session.advance(2);
    const link = writeLink(meta, first.settings().recipe);
    expect(link).toContain('at=3:mask:0.5');
    await first.session.close();

    const second = page(kept);
    await second.open(link);
    expect(second.session.step).toBe(5);
    expect(second.settings().config['mask']).toBe(0.5);
    const resumed = second.events.find((e) => e.kind === 'resumed');
    expect([resumed?.curve.from, resumed?.curve.rows.length]).toEqual([0, 5 * 3]);
    // Without the checkpoint the same link gives the same run.
    const fresh = page(new Kept());
    await fresh.open(link);
    await fresh.session.advance(6);
    await second.session.advance(1);
    const lastOf = (events: readonly SessionEvent[]) =>
      events.flatMap((e) => (e.kind === 'report' ? [...e.report.rows.slice(-3)] : [])).slice(-3);
    expect(lastOf(second.events)).toEqual(lastOf(fresh.events));
    expect(fresh.settings().config['mask']).toBe(0.5);
    await Promise.all([second.session.close(), fresh.session.close()]);
  });

  it('takes up no other run: another data set has another checkpoint', async () => {
    const kept = new Kept();
    const { session, settings, open } = page(kept);
    await open(LINK);
    await session.advance(2);
    await session.configure({ ...settings().config, data: 'emoji' });
    await session.advance(2);
    await session.close();
    const again = page(kept);
    await again.open(LINK);
    expect(again.session.step).toBe(0);
    await again.session.close();
  });

  it('starts over with the settings on screen, and forgets the checkpoint', async () => {
    const kept = new Kept();
    const { session, events, settings, open } = page(kept);
    await open(LINK);
    await session.advance(2);
    await session.configure({ ...settings().config, mask: 0.5 });
    await session.advance(1);
    const before = writeLink(meta, settings().recipe);
    await session.reset();
    expect(session.step).toBe(0);
    expect([settings().config['mask'], settings().recipe.changes]).toEqual([0.5, []]);
    expect(events.at(-1)).toMatchObject({ kind: 'report', report: { step: 0 } });
    expect(kept.runs.has(before)).toBe(false);
    await session.close();
  });
});
