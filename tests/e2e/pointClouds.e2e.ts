import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

/** On a software adapter each network's kernels are compiled first. */
const TIMEOUT = 400_000;
const TINY = 'data=solids&points=64&batch=4&width=8&bottleneck=32&every=0&steps=1000';

async function openTab(page: Page, title: string): Promise<void> {
  await page.$$eval(
    'main button[role=tab]',
    (tabs, wanted) => tabs.find((tab) => tab.textContent.trim() === wanted)?.click(),
    title,
  );
}

const textOf = (page: Page, selector: string) => page.$eval(selector, (e) => e.textContent);

/** Gives the page a file, as if it had been chosen. */
async function give(page: Page, name: string, content: string): Promise<void> {
  await page.$eval(
    'input[type=file]',
    (element, fileName, text) => {
      const files = new DataTransfer();
      files.items.add(new File([text], fileName));
      element.files = files.files;
      element.dispatchEvent(new Event('change', { bubbles: true }));
    },
    name,
    content,
  );
}

const TETRAHEDRON = 'OFF\n4 4 0\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n3 0 1 2\n3 0 1 3\n3 0 2 3\n3 1 2 3\n';

describe('the point-cloud lab in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it(
    'shows held-out objects, judges them anew as a slider moves, and opens each of its views',
    async () => {
      const { page, complaints } = await openPage(browser, `${inject('address')}#/point-clouds?${TINY}`);
      await page.waitForSelector('main .caption', { timeout: 240_000 });
      expect(await page.$$eval('main .caption', (all) => all.length)).toBe(12);
      expect(await textOf(page, 'main .facts')).toMatch(/64\s+points/);
      const before = await textOf(page, 'main table');

      await page.$$eval('.field', (fields) => {
        const slider = fields
          .find((f) => f.querySelector('label')?.textContent === 'Dropped')
          ?.querySelector<HTMLInputElement>('input[type=range]');
        if (!slider) throw new Error('no slider of dropped points');
        slider.value = '0.75';
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await page.waitForFunction((was) => document.querySelector('main table')?.textContent !== was, {}, before);
      expect(await page.evaluate(() => location.hash)).toContain('lookdrop=0.75');

      await openTab(page, 'Inside');
      await page.waitForFunction(
        () => /Critical points: \d+ of 64/.test(document.querySelector('main')?.textContent ?? ''),
        {
          timeout: 240_000,
        },
      );
      await openTab(page, 'Four ways');
      await page.waitForSelector('main .forms canvas', { timeout: 240_000 });
      expect(await page.$$eval('main .forms canvas', (all) => all.length)).toBe(4);
      await openTab(page, 'Scores');
      await page.waitForSelector('main dl', { timeout: 240_000 });
      expect(await textOf(page, 'main dl')).toContain('120');
      await openTab(page, 'Room');
      await page.waitForSelector('main button.primary', { timeout: 60_000 });
      expect(complaints).toEqual([]);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'takes a file of the reader’s own, refuses a broken one by name, and makes a drawing solid',
    async () => {
      const { page, complaints } = await openPage(browser, `${inject('address')}#/point-clouds?${TINY}&view=own`);
      await page.waitForSelector('main input[type=file]', { timeout: 120_000 });
      await give(page, 'broken.off', 'OFF\n8 6 0\n1 2');
      await page.waitForFunction(() =>
        document.querySelector('main [role=status] .problem')?.textContent.includes('broken.off'),
      );
      await give(page, 'tetrahedron.off', TETRAHEDRON);
      await page.waitForFunction(() => document.querySelector('main .result h3')?.textContent === 'tetrahedron.off');
      expect(await textOf(page, 'main .result')).toMatch(/4\s+triangles/);

      const pad = await (await page.$('main canvas.active'))?.boundingBox();
      if (!pad) throw new Error('no pad to draw on');
      await page.mouse.move(pad.x + 50, pad.y + 50);
      await page.mouse.down();
      for (const [x, y] of [
        [200, 50],
        [200, 200],
        [50, 200],
        [52, 52],
      ] as const)
        await page.mouse.move(pad.x + x, pad.y + y, { steps: 4 });
      await page.mouse.up();
      await page.waitForFunction(() => document.querySelector('main .result h3')?.textContent === 'Drawing');
      await page.waitForSelector('main .result .bar', { timeout: 240_000 });
      expect(complaints).toEqual([]);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'judges distorted shapes by the shipped networks without WebGPU, and a file of the reader’s own',
    async () => {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      // Browsers without WebGPU have no such property at all.
      await page.evaluateOnNewDocument(() => {
        delete Object.getPrototypeOf(navigator).gpu;
      });
      await page.goto(`${inject('address')}#/point-clouds`);
      await page.waitForSelector('.columns .caption', { timeout: 120_000 });
      expect(await page.$$eval('.columns .caption', (all) => all.length)).toBe(8);
      const bars = () => textOf(page, '.detail table');
      const before = await bars();
      await page.$eval('.hero input[type=range]', (slider) => {
        slider.value = '32';
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await page.waitForFunction(
        (was) => document.querySelector('.detail table')?.textContent !== was,
        { timeout: 60_000 },
        before,
      );
      expect(await textOf(page, '.facts')).toMatch(/32\s+points/);
      await give(page, 'tetrahedron.off', TETRAHEDRON);
      await page.waitForFunction(() => document.querySelectorAll('.columns .caption').length === 9, {
        timeout: 60_000,
      });
      expect(complaints).toEqual([]);
      await page.close();
    },
    TIMEOUT,
  );
});
