/** Keeps a look at a run current while the component that calls this is on screen. */
import { untrack } from 'svelte';
import type { Run } from '../train/run.svelte';
import type { Looking } from './looking.svelte';

/**
 * Looks at once when the session has taken new settings or what is asked for has changed (`asked` reads it), and now and then while the
 * run goes on. Call it while a component is being made.
 */
export function follow<T>(looking: Looking<T>, runNow: () => Run, asked: () => unknown = () => undefined): void {
  $effect(() => {
    const run = runNow();
    void run.version;
    if (run.status === 'ready') untrack(() => looking.soon());
  });
  $effect(() => {
    const run = runNow();
    void [run.settings?.config, asked()];
    if (untrack(() => run.status) === 'ready') untrack(() => looking.now());
  });
  $effect(() => () => looking.stop());
}
