import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

/** The page as a reader uses it: own pictures, embedding, large links, models, a device without WebGPU. */
const TINY = 'batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=2&dheads=2&every=0&steps=100';
const READY = '[role=toolbar] button.primary:not(:disabled)';
const WAIT = { timeout: 60_000 };

function tab(page: Page, title: string): Promise<ElementHandle | null> {
  return page.waitForSelector(`::-p-xpath(//button[@role="tab"][.="${title}"])`, WAIT);
}

function button(page: Page, title: string): Promise<ElementHandle | null> {
  return page.waitForSelector(`::-p-xpath(//button[normalize-space(.)="${title}"][not(@disabled)])`, WAIT);
}

/** Portable graymaps are no browser's format; bitmaps are everybody's: 24 bits a pixel, one colour. */
function bitmap(size: number, value: number): Uint8Array {
  const row = Math.ceil((size * 3) / 4) * 4;
  const bytes = new Uint8Array(54 + row * size).fill(value, 54);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  for (const [at, number] of [
    [2, bytes.length],
    [10, 54],
    [14, 40],
    [18, size],
    [22, size],
  ] as const) {
    view.setUint32(at, number, true);
  }
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  return bytes;
}

describe('using the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('asks for pictures where a link was made with those of someone else', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/diffusion?data=own`);
    await page.waitForSelector('dialog input[type=file]', WAIT);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('trains on pictures of the reader’s own, and names a file that is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'glimpse-pictures-'));
    const files = Array.from({ length: 20 }, (_, i) => join(folder, `${i}.bmp`));
    files.forEach((file, i) => writeFileSync(file, bitmap(20 + i, 10 * i)));
    const text = join(folder, 'notes.png');
    writeFileSync(text, 'these are words');
    const { page, complaints } = await openPage(browser, `${inject('address')}#/masked-images?${TINY}`);
    try {
      await page.waitForSelector(READY, WAIT);
      await (await page.waitForSelector('::-p-xpath(//button[@role="radio"][.="My own"])'))?.click();
      const input = (await page.waitForSelector('dialog input[type=file]')) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(...files, text);
      await page.waitForFunction(() => document.querySelector('dialog .status')?.textContent?.includes('20'), WAIT);
      expect(await page.$eval('dialog .status', (d) => d.textContent)).toContain('notes.png');
      await (await button(page, 'Train on these'))?.click();
      await page.waitForFunction(() => location.hash.includes('data=own'), WAIT);
      await page.waitForSelector(READY, WAIT);
      await page.click(READY);
      await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 3, WAIT);
      expect(complaints).toEqual([]);
    } finally {
      await page.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('embeds with only the controls that are not locked', async () => {
    const link = `${inject('address')}#/masked-images?${TINY}&embed=1&lock=seed,batch,mask`;
    const { page, complaints } = await openPage(browser, link);
    await page.waitForSelector(READY, WAIT);
    const labels = await page.$$eval('.controls label', (all) => all.map((l) => l.textContent));
    expect(labels).toContain('Encoder width');
    for (const locked of ['Seed', 'Batch', 'Mask ratio']) expect(labels).not.toContain(locked);
    expect(await page.$('a.brand')).toBeNull();
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('asks before a model that is too much for the device, and takes no for an answer', async () => {
    const link = `${inject('address')}#/masked-images?patch=2&width=256&depth=12&batch=512&data=emoji`;
    const { page, complaints } = await openPage(browser, link);
    const dialog = await page.waitForSelector('dialog[open]', WAIT);
    expect(await dialog?.evaluate((d) => d.textContent)).toMatch(/a lot for this device/);
    await (await button(page, 'Rather not'))?.click();
    await page.waitForSelector(READY, WAIT);
    expect(await page.evaluate(() => location.hash)).not.toContain('width=256');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows the device, profiles a step, and opens claims and the model', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/masked-images?${TINY}`);
    await page.waitForSelector(READY, WAIT);
    await (await tab(page, 'Device'))?.click();
    await (await button(page, 'Profile one step'))?.click();
    await page.waitForFunction(() => document.querySelectorAll('.device tbody tr').length > 10, WAIT);
    expect(await page.$eval('.device', (d) => d.textContent)).toMatch(/swiftshader/i);
    await (await tab(page, 'Claims'))?.click();
    await page.waitForFunction(() => document.body.textContent?.includes('What the papers claim'), WAIT);
    await (await tab(page, 'Model'))?.click();
    await button(page, 'Save as ONNX');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('looks through the shipped model on opening, and trains from its own weights', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/masked-images?batch=8&every=0`);
    await (await button(page, 'Train from scratch'))?.click();
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 1, WAIT);
    const losses = await page.$eval('.chart output', (o) => Number(o.textContent));
    // Fresh weights: the trained model's loss on standardised pixels lies far below one.
    expect(losses).toBeGreaterThan(0.8);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('runs the shipped model without WebGPU', async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.evaluateOnNewDocument(() => {
      // Browsers without WebGPU have no such property at all.
      delete Object.getPrototypeOf(navigator).gpu;
    });
    await page.goto(`${inject('address')}#/masked-images`);
    await page.waitForFunction(() => document.querySelectorAll('canvas').length === 4, WAIT);
    const pixels = () => page.$$eval('canvas', ([, , rebuilt]) => rebuilt?.toDataURL() ?? '');
    const before = await pixels();
    await page.$eval('.hero input[type=range]', (slider) => {
      slider.value = '0.3';
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.waitForFunction((was) => document.querySelectorAll('canvas')[2]?.toDataURL() !== was, WAIT, before);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
