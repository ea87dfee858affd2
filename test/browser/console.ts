import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect } from 'vitest';

/** What the pages of a test wrote to their consoles: errors, warnings, what the policy forbids. */
const complaints: string[] = [];

/** After each test of the file: no page had anything to complain of. */
export function expectQuietConsoles(): void {
  beforeEach(() => void complaints.splice(0));
  afterEach(() => expect(complaints.splice(0)).toEqual([]));
}

/** Listens to a page. */
export function listenTo(page: Page): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => {
    // Aborted by the page itself, which has gone elsewhere.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`);
  });
}

/** What they have complained of so far, which is expected. */
export function takeComplaints(): string[] {
  return complaints.splice(0);
}
