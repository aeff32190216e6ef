import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { serve } from '../../scripts/serve.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    address: string;
  }
}

/** Builds the page afresh and serves it below a sub-path, as a static host would. */
export default async function setup(project: TestProject): Promise<() => void> {
  const outDir = join(import.meta.dirname, '../../node_modules/.e2e-dist');
  await build({ logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const { port, close } = await serve(outDir, 4300, '/some/where/');
  project.provide('address', `http://localhost:${port}/some/where/`);
  return close;
}
