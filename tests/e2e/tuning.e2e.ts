import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

/**
 * "Tune for this device" in the page: it shows how far it is and can be stopped; its table is used and told, outlives the page, and can be
 * forgotten. What tuning finds is tested in Node: it takes minutes in here.
 */
const LINK =
  '#/masked-images?batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=1&dheads=1&every=0&steps=100&view=device';
const WAIT = { timeout: 120_000 };

const press = async (page: Page, title: string) =>
  (await page.waitForSelector(`::-p-xpath(//button[normalize-space(.)="${title}"][not(@disabled)])`, WAIT))?.click();
const says = (page: Page, text: string) =>
  page.waitForFunction((t) => document.querySelector('.tuning')?.textContent?.includes(t), WAIT, text);
/** Shapes that the panel says are tuned. */
const inUse = (page: Page) => page.$$eval('.tuning p output', ([count]) => Number(count?.textContent ?? 0));

/** The panel asks the device anew after a tuning: what it says follows a moment later. */
const uses = (page: Page, count: number) =>
  page.waitForFunction((n) => Number(document.querySelector('.tuning p output')?.textContent ?? 0) === n, WAIT, count);

/** The address of a page that is in use names no view any more. */
async function reopen(page: Page): Promise<void> {
  await page.goto('about:blank');
  await page.goto(inject('address') + LINK);
}

describe('tuning for the device', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('shows how far it is, and can be stopped', async () => {
    const { page, complaints } = await openPage(browser, inject('address') + LINK);
    await press(page, 'Tune for this device');
    await page.waitForSelector('.tuning progress', WAIT);
    await press(page, 'Stop');
    await says(page, 'Stopped: nothing was changed');
    expect(await inUse(page)).toBe(0);

    expect(complaints).toEqual([]);
    await page.close();
  });

  it('uses the table that is kept for this adapter, says so, and goes back to the built-in one', async () => {
    const { page, complaints } = await openPage(browser, inject('address') + LINK);
    await page.waitForSelector('.tuning', WAIT);
    await page.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open('glimpse tuning', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('variants');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error('no database'));
      });
      const adapter = document.querySelector('.device dd')?.firstChild?.textContent?.trim() ?? '';
      const writing = database.transaction('variants', 'readwrite');
      writing.objectStore('variants').put({ 'matmul|1x16x16x104|tn+sums': 'scalarTile/1' }, adapter);
      await new Promise((resolve) => (writing.oncomplete = resolve));
      database.close();
    });
    await reopen(page);
    await page.waitForSelector('.tuning p output', WAIT);
    expect(await inUse(page)).toBe(1);
    await press(page, 'Forget the tuning');
    await says(page, 'Forgotten');
    await uses(page, 0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
