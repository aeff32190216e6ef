import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium, openPage } from '../helpers/browser';

const TINY = 'batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=2&dheads=2&every=0&steps=100';

describe('the built page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('shows the gallery with a picture for every lab, and opens one from it', async () => {
    const { page, complaints } = await openPage(browser, inject('address'));
    await page.waitForSelector('.live .card');
    expect(await page.$$eval('.live .card', (cards) => cards.every((c) => c.querySelector('.strip')))).toBe(true);
    await page.click('.live .card .look');
    await page.waitForSelector('[role=toolbar]');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('starts training at one press from the gallery', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/masked-images?${TINY}&play=1`);
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 3, {
      timeout: 60_000,
    });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('trains, follows the mask slider while it trains, and keeps the change in the link', async () => {
    const { page, complaints } = await openPage(browser, `${inject('address')}#/masked-images?${TINY}`);
    await page.waitForSelector('[role=toolbar] button.primary:not(:disabled)', { timeout: 60_000 });
    await page.click('[role=toolbar] button.primary');
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 3, {
      timeout: 60_000,
    });
    await page.$eval('.hero input[type=range]', (slider) => {
      slider.value = '0.5';
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.waitForFunction(() => location.hash.includes('mask'), { timeout: 60_000 });
    const step = await page.$eval('[role=toolbar] output', (o) => Number(o.textContent));
    await page.waitForFunction(
      (s) => Number(document.querySelector('[role=toolbar] output')?.textContent) > s,
      { timeout: 60_000 },
      step,
    );
    await page.waitForFunction(() => document.querySelectorAll('main canvas').length === 4, { timeout: 60_000 });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('names what is wrong in a link and goes on', async () => {
    const { page, complaints } = await openPage(
      browser,
      `${inject('address')}#/masked-images?mask=7&nonsense=1&%E0=2&seed=x`,
    );
    const notices = await page.waitForSelector('.notices');
    const text = await notices?.evaluate((n) => n.textContent);
    for (const setting of ['mask', 'nonsense', 'seed']) expect(text).toContain(setting);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
