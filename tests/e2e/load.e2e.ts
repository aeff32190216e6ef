import { gzipSync } from 'node:zlib';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium } from '../helpers/browser';

/** Compressed script that the gallery may load before anything is clicked. */
const MOST_BYTES = 150 * 1024;

/** Settings of a tiny model that asks for what Chromium's software adapter lacks. */
const F16 = 'batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=2&dheads=2&every=0&steps=100&precision=f16';

describe('what the page loads and offers', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('at most 150 KB of compressed script for the gallery, none of it ONNX Runtime or Three.js, nothing foreign', async () => {
    const page = await browser.newPage();
    const scripts = new Map<string, number>();
    const waiting: Promise<void>[] = [];
    const foreign: string[] = [];
    page.on('response', (response) => {
      const url = response.url();
      if (!url.startsWith(inject('address')) && !/^(data|blob):/.test(url)) foreign.push(url);
      const type = response.headers()['content-type'] ?? '';
      if (!type.includes('javascript') && !type.includes('wasm')) return;
      waiting.push(response.buffer().then((body) => void scripts.set(url, gzipSync(body).length)));
    });
    await page.goto(inject('address'), { waitUntil: 'networkidle0' });
    await page.waitForSelector('.live .card');
    await Promise.all(waiting);
    const total = [...scripts.values()].reduce((a, b) => a + b, 0);
    expect(total, JSON.stringify([...scripts])).toBeLessThanOrEqual(MOST_BYTES);
    // Something was measured at all.
    expect(total).toBeGreaterThan(10 * 1024);
    expect([...scripts.keys()].filter((url) => /ort|onnx|three|wasm/i.test(url))).toEqual([]);
    expect(foreign).toEqual([]);
    await page.close();
  });

  it('names a setting that this device lacks, uses the default in run and link, and does not offer it', async () => {
    const page = await browser.newPage();
    await page.goto(`${inject('address')}#/masked-images?${F16}`);
    const notices = await page.waitForSelector('.notices', { timeout: 60_000 });
    const text = (await notices?.evaluate((n) => n.textContent)) ?? '';
    expect(text).toMatch(/precision = f16.*shader-f16.*f32/s);
    await page.waitForSelector('[role=toolbar] button.primary:not(:disabled)', { timeout: 60_000 });
    await page.waitForFunction(() => !location.hash.includes('precision'), { timeout: 60_000 });
    expect(await page.evaluate(() => location.hash)).toContain('width=16');
    const labels = await page.$$eval('.controls label', (all) => all.map((l) => l.textContent));
    expect(labels).toContain('Seed');
    expect(labels).not.toContain('Precision');
    await page.close();
  });
});
