import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openFirefox, openPage } from '../helpers/browser';

describe('the built page in Firefox', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openFirefox();
  });
  afterAll(() => browser.close());

  it('passes its self-test: every golden case on Naga', async () => {
    const { page } = await openPage(browser, `${inject('address')}#/selftest`);
    await page.waitForSelector('[data-self-test=done]', { timeout: 500_000 });
    const failures = await page.$$eval('[data-failed]', (rows) => rows.map((r) => r.textContent));
    expect(failures).toEqual([]);
    expect(Number(await page.$eval('[data-passed]', (e) => e.textContent))).toBeGreaterThan(30);
    await page.close();
  });

  it('trains a masked autoencoder', async () => {
    const link = '#/masked-images?batch=8&width=16&depth=1&dwidth=16&ddepth=1&heads=2&dheads=2&every=0&steps=100';
    const { page } = await openPage(browser, `${inject('address')}${link}`);
    await page.waitForSelector('[role=toolbar] button.primary:not(:disabled)', { timeout: 120_000 });
    await page.click('[role=toolbar] button.primary');
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 3, {
      timeout: 120_000,
    });
    await page.close();
  });

  it('trains a diffusion model in the plane, and samples from it', async () => {
    const link = '#/diffusion?data=moons&batch=32&width=32&depth=1&every=0&steps=1000&nsteps=4&seed=3';
    const { page } = await openPage(browser, `${inject('address')}${link}`);
    await page.waitForSelector('[role=toolbar] button.primary:not(:disabled)', { timeout: 120_000 });
    await page.click('[role=toolbar] button.primary');
    await page.waitForFunction(() => Number(document.querySelector('[role=toolbar] output')?.textContent) > 3, {
      timeout: 120_000,
    });
    await page.$$eval('main button[role=tab]', (tabs) => tabs[1]?.click());
    // Heun: 2·4 − 1 evaluations from noise to data.
    await page.waitForFunction(
      () => /\b7\s+network evaluations/.test(document.querySelector('main')?.textContent ?? ''),
      {
        timeout: 120_000,
      },
    );
    await page.close();
  });
});
