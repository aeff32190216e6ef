import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

/** Model files that a reader opens: in the run where they fit, otherwise with their own settings. */
const TINY = 'batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=2&dheads=2&every=0&steps=100';
const READY = '[role=toolbar] button.primary:not(:disabled)';
const WAIT = { timeout: 120_000 };
const shipped = (id: string) => join(import.meta.dirname, '../../public/models', id, 'model.onnx');

const button = (page: Page, title: string) =>
  page.waitForSelector(`::-p-xpath(//button[normalize-space(.)="${title}"][not(@disabled)])`, WAIT);

/** Lets files fall onto the page, as from a desktop. */
function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  return page.evaluate(
    (file, text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], file));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    },
    name,
    Buffer.from(bytes).toString('base64'),
  );
}

describe('a model file', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('that does not fit is opened with its own settings, and trained on from its weights', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/masked-images?${TINY}&view=model`);
    await page.waitForSelector(READY, WAIT);
    const input = (await page.waitForSelector(
      '.side input[type=file]:not(:disabled)',
      WAIT,
    )) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(shipped('mae-fashion'));
    await (await button(page, 'Open with the file’s settings'))?.click();
    await page.waitForFunction(() => !location.hash.includes('width=16'), WAIT);
    await page.waitForFunction(() => document.body.textContent?.includes('weights of the file model.onnx'), WAIT);
    await page.waitForSelector(READY, WAIT);
    await page.click(READY);
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 1, WAIT);
    // Fresh weights begin near 1.
    expect(await page.$eval('.chart output', (o) => Number(o.textContent))).toBeLessThan(0.7);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('that is dropped onto the page goes into a run that it fits; what is none is refused, and says why', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/masked-images?batch=8&every=0`);
    await page.waitForSelector(READY, WAIT);
    await drop(page, 'notes.onnx', new TextEncoder().encode('these are words'));
    await page.waitForFunction(
      () => document.querySelector('.side .failed')?.textContent?.includes('model file'),
      WAIT,
    );
    expect(await page.evaluate(() => document.body.textContent?.includes('Open with the file'))).toBe(false);
    await drop(page, 'fashion.onnx', readFileSync(shipped('mae-fashion')));
    await page.waitForFunction(() => document.body.textContent?.includes('weights of the file fashion.onnx'), WAIT);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
