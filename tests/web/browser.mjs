// A browser for the tests: Debian's chromium, without a window.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = [process.env.RINGBOLT_BROWSER, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's program; nothing where there is none. */
export const program = PLACES.find((place) => place && existsSync(place));

export const launch = () => chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });

/** A page of which every message of an error is kept, and that asks nobody but its server. */
export async function open(browser, base, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  const page = await context.newPage();
  const errors = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(`${message.text()} ${message.location().url}`));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("dialog", (dialog) => { errors.push(`a dialog of the browser: ${dialog.message()}`); void dialog.dismiss(); });
  page.on("request", (request) => request.url().startsWith(base) || request.url().startsWith("data:") || errors.push(`asked ${request.url()}`));
  return { page, errors, context };
}
