import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

/** On a software adapter each network's kernels are compiled first. */
const TIMEOUT = 400_000;
const WAIT = { timeout: 240_000 };
const TINY =
  'data=furniture&size=64&width=8&blocks=1&k=3&classes=one&batch=1&proposals=8&regionbatch=8&testproposals=10&every=0&steps=100';

async function openTab(page: Page, title: string): Promise<void> {
  await page.$$eval(
    'main button[role=tab]',
    (tabs, wanted) => tabs.find((tab) => tab.textContent.trim() === wanted)?.click(),
    title,
  );
}

async function press(page: Page, title: string): Promise<void> {
  await (
    await page.waitForSelector(`::-p-xpath(//main//button[normalize-space(.)="${title}"][not(@disabled)])`)
  )?.click();
}

async function slide(page: Page, label: string, value: string): Promise<void> {
  await page.$$eval(
    'main label',
    (labels, [wanted, to]) => {
      const slider = labels
        .find((l) => l.querySelector('span')?.textContent === wanted)
        ?.querySelector<HTMLInputElement>('input[type=range]');
      if (!slider) throw new Error(`no slider "${wanted}"`);
      slider.value = to;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    },
    [label, value] as const,
  );
}

const count = (page: Page, stage: number) =>
  page.$eval(`main .stages li:nth-child(${stage}) output`, (o) => Number(o.textContent));

describe('the detection lab in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it(
    'goes from stage to stage, its thresholds act, and a box that is dragged votes anew',
    async () => {
      const { page, complaints } = await openPage(browser, `${inject('address')}#/detection?${TINY}&method=rfcn`);
      await page.waitForSelector('main .stages', WAIT);
      expect(await count(page, 1)).toBeGreaterThan(0);
      await slide(page, 'Final boxes: score at least', '0.05');
      await page.waitForFunction(() => location.hash.includes('score=0.05'));
      const few = await count(page, 5);
      await slide(page, 'Final boxes: overlap at most', '0.9');
      await page.waitForFunction(() => location.hash.includes('nms=0.9'));
      expect(await count(page, 5)).toBeGreaterThanOrEqual(few);
      for (const stage of ['Back to the first', 'Next stage', 'Next stage']) await press(page, stage);
      await slide(page, 'Proposals: score at least', '0');
      const all = await count(page, 3);
      await slide(page, 'Proposals: score at least', '1');
      await page.waitForFunction(
        (before) => Number(document.querySelector('main .stages li:nth-child(3) output')?.textContent) < before,
        {},
        all,
      );

      await openTab(page, 'Votes');
      await page.waitForSelector('main .maps canvas', WAIT);
      expect((await page.$$('main .maps canvas')).length).toBe(9);
      const voted = () => page.$$eval('main .tables dd', (all) => all.map((d) => d.textContent).join());
      const before = await voted();
      await page.focus('main .view canvas');
      for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft');
      await page.waitForFunction(
        (was) => [...document.querySelectorAll('main .tables dd')].map((d) => d.textContent).join() !== was,
        WAIT,
        before,
      );
      expect(complaints).toEqual([]);
      await page.close();
    },
    TIMEOUT,
  );

  it(
    'takes pictures with their boxes, names what is wrong with some, and lets boxes be drawn and undone',
    async () => {
      const { page, complaints } = await openPage(browser, `${inject('address')}#/detection?${TINY}&view=own`);
      await page.waitForSelector('main input[type=file]', WAIT);
      await page.evaluate(async () => {
        const canvas = new OffscreenCanvas(80, 60);
        const context = canvas.getContext('2d');
        context?.fillRect(20, 20, 30, 30);
        const picture = await canvas.convertToBlob({ type: 'image/png' });
        const box = (bbox: readonly number[]) => ({ image_id: 1, category_id: 1, bbox });
        const coco = {
          images: [{ id: 1, file_name: 'a.png', width: 80, height: 60 }],
          categories: [{ id: 1, name: 'cup' }],
          annotations: [box([20, 20, 30, 30]), box([20, 20, 0, 30])],
        };
        const files = new DataTransfer();
        files.items.add(new File([picture], 'a.png', { type: 'image/png' }));
        files.items.add(new File(['no picture'], 'b.png', { type: 'image/png' }));
        files.items.add(new File([JSON.stringify(coco)], 'boxes.json'));
        const input = document.querySelector<HTMLInputElement>('main input[type=file]');
        if (!input) throw new Error('no input for files');
        input.files = files.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      });
      await page.waitForFunction(() => document.querySelectorAll('main .status li').length === 2, WAIT);
      expect(await page.$eval('main .status', (s) => s.textContent)).toMatch(/a\.png.*has no area.*b\.png/s);
      const boxes = () => page.$eval('main .main canvas', (c) => c.getAttribute('aria-label') ?? '');
      expect(await boxes()).toBe('a.png: cup');
      const area = await (await page.$('main .main canvas'))?.boundingBox();
      if (!area) throw new Error('no picture to draw on');
      await page.mouse.move(area.x + 0.7 * area.width, area.y + 0.8 * area.height);
      await page.mouse.down();
      await page.mouse.move(area.x + 0.95 * area.width, area.y + 0.95 * area.height, { steps: 4 });
      await page.mouse.up();
      await page.waitForFunction(
        () => document.querySelector('main .main canvas')?.getAttribute('aria-label') === 'a.png: cup, cup',
      );
      await press(page, 'Undo');
      await page.waitForFunction(
        () => document.querySelector('main .main canvas')?.getAttribute('aria-label') === 'a.png: cup',
      );
      expect(complaints).toEqual([]);
      await page.close();
    },
    TIMEOUT,
  );
});
