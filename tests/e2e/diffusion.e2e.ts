import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

const TINY = 'batch=32&width=32&depth=1&every=0&steps=1000&nsteps=4';

/** Opens every tab of the main picture in turn; each must come to show something. */
async function lookThrough(page: Page): Promise<readonly string[]> {
  const count = await page.$$eval('main button[role=tab]', (tabs) => tabs.length);
  const seen: string[] = [];
  for (let i = 0; i < count; i++) {
    await page.$$eval('main button[role=tab]', (tabs, k) => tabs[k]?.click(), i);
    await page.waitForSelector('main .picture canvas', { timeout: 120_000 });
    seen.push((await page.$$eval('main button[role=tab]', (tabs, k) => tabs[k]?.textContent.trim(), i)) ?? '');
  }
  return seen;
}

describe('the diffusion lab in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('trains in the plane, and shows each of its views', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/diffusion?${TINY}&data=moons&play=1`);
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 3, {
      timeout: 120_000,
    });
    const seen = await lookThrough(page);
    expect(seen).toEqual(['Noise level', 'Samples', 'Forward', 'Samplers', 'Edit', 'Memory', '3-D']);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('lays any of the samplers over each other, and measures each against a fine reference', async () => {
    const link = `${inject('address')}#/diffusion?${TINY}&data=moons&seed=11&view=samplers`;
    const { page, complaints } = await openPage(browser, link);
    const chips = 'main ul button[aria-pressed]';
    const rows = () =>
      page.$$eval('main table tbody tr', (all) =>
        all.map((row) => [...row.children].map((cell) => cell.textContent.replace(/\s+/g, ' ').trim())),
      );
    const measured = (count: number) =>
      page.waitForFunction(
        (n) => {
          const cells = [...document.querySelectorAll('main table tbody td:last-child')];
          return cells.length === n && cells.every((cell) => parseFloat(cell.textContent) > 0);
        },
        { timeout: 120_000 },
        count,
      );
    await measured(4);
    expect((await rows()).map(([name, evaluations]) => [name, evaluations])).toEqual([
      ['Euler', '4'],
      ['Heun', '7'],
      ['Ancestral adds noise', '4'],
      ['DPM-Solver++(2M)', '4'],
    ]);
    // Two are left however often the others are pressed; then all, of which two are the same sampler by two names.
    for (const i of [0, 1, 2, 3]) await page.$$eval(chips, (all, k) => all[k]?.click(), i);
    await measured(2);
    await page.$eval('main ul li:last-child button', (all) => all.click());
    await measured(await page.$$eval(chips, (all) => all.length));
    const distance = (found: string[][], name: string) => found.find(([label]) => label === name)?.[2];
    const found = await rows();
    expect(distance(found, 'DDIM, η = 0')).toBe(distance(found, 'Euler'));
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('keeps the noise level in the link without calling it a change of the run', async () => {
    // A seed of its own: the run above left a checkpoint, which its link would go on from.
    const { page, complaints } = await openPage(browser, `${inject('address')}#/diffusion?${TINY}&data=moons&seed=9`);
    await page.waitForSelector('[role=toolbar] button.primary:not(:disabled)', { timeout: 120_000 });
    await page.$eval('[role=toolbar] button:nth-of-type(2)', (step) => step.click());
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) === 1, {
      timeout: 120_000,
    });
    await page.$eval('.hero input[type=range]', (slider) => {
      slider.value = '150';
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.waitForFunction(() => location.hash.includes('sigma='), { timeout: 60_000 });
    expect(await page.evaluate(() => location.hash)).not.toContain('at=');
    expect(complaints).toEqual([]);
    await page.close();
  });
});
