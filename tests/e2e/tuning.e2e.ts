import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

/** "Tune for this device": it shows how far it is, can be stopped, its table is used and told, outlives the page, and can be forgotten. */
const LINK =
  '#/masked-images?batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=1&dheads=1&every=0&steps=100&view=device';
const WAIT = { timeout: 120_000 };

const press = async (page: Page, title: string) =>
  (await page.waitForSelector(`::-p-xpath(//button[normalize-space(.)="${title}"][not(@disabled)])`, WAIT))?.click();
const says = (page: Page, text: string) =>
  page.waitForFunction((t) => document.querySelector('.tuning')?.textContent?.includes(t), WAIT, text);
/** Shapes that the panel says are tuned. */
const inUse = (page: Page) => page.$$eval('.tuning p output', ([count]) => Number(count?.textContent ?? 0));

describe('tuning for the device', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('can be stopped, ends with what is used from then on, and is forgotten on demand', async () => {
    const { page, complaints } = await openPage(browser, inject('address') + LINK);
    await press(page, 'Tune for this device');
    await page.waitForSelector('.tuning progress', WAIT);
    await press(page, 'Stop');
    await says(page, 'Stopped: nothing was changed');
    expect(await inUse(page)).toBe(0);

    await press(page, 'Tune for this device');
    await says(page, 'Done:');
    const rows = await page.$$eval('.tuning tbody td:first-child', (cells) => cells.map((c) => c.textContent ?? ''));
    expect(rows.some((key) => key.endsWith('|tn+sums'))).toBe(true);
    const changed = (await page.$$('.tuning tr.changed')).length;
    expect(await inUse(page)).toBe(changed);
    await page.reload();
    await page.waitForSelector('.tuning', WAIT);
    expect(await inUse(page)).toBe(changed);
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
      writing.objectStore('variants').put({ 'matmul|1x16x16x104|tn+sums': 'workgroupTile/1' }, adapter);
      await new Promise((resolve) => (writing.oncomplete = resolve));
      database.close();
    });
    await page.reload();
    await page.waitForSelector('.tuning p output', WAIT);
    expect(await inUse(page)).toBe(1);
    await press(page, 'Forget the tuning');
    await says(page, 'Forgotten');
    expect(await inUse(page)).toBe(0);
    await page.reload();
    await page.waitForSelector('.tuning', WAIT);
    expect(await inUse(page)).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
